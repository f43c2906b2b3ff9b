#include "fairness.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <list>

#include <sspi.h>
#include <unistd.h>

#include "contexts.h"
#include "tests/support/daemon.h"
#include "tests/support/realm.h"

namespace sspid::bench {

namespace {

using Clock = std::chrono::steady_clock;
using test::Process;

constexpr std::size_t kSamples = 2000;
constexpr std::size_t kWarmUp = 200;
constexpr int kWaitingClients = 50;
constexpr const char* kCalls[] = {"sign", "accept", "initiate"};

// ---- The processes ----

double percentile_99(std::vector<double> times) {
  const auto at = times.begin() + static_cast<std::ptrdiff_t>(times.size() * 99 / 100);
  std::nth_element(times.begin(), at, times.end());
  return *at;
}

/// One end of a context after its first leg, and the token for the other.
class FirstLeg {
 public:
  explicit FirstLeg(CredHandle& credential) : token_(48256) {
    char target[] = "host/localhost";
    SecBuffer out{static_cast<ULONG>(token_.size()), SECBUFFER_TOKEN, token_.data()};
    SecBufferDesc list{SECBUFFER_VERSION, 1, &out};
    ULONG attributes = 0;
    require(InitializeSecurityContextA(&credential, nullptr, target, ISC_REQ_MUTUAL_AUTH, 0, SECURITY_NATIVE_DREP,
                                       nullptr, 0, &context_, &list, &attributes, nullptr) >= 0,
            "InitializeSecurityContext");
    token_.resize(out.cbBuffer);
  }
  FirstLeg(const FirstLeg&) = delete;
  FirstLeg& operator=(const FirstLeg&) = delete;
  ~FirstLeg() { DeleteSecurityContext(&context_); }
  std::vector<unsigned char>& token() { return token_; }

 private:
  std::vector<unsigned char> token_;
  CtxtHandle context_{};
};

void sign(SspiPair& pair) {
  unsigned char message[64] = {}, signature[256];
  SecBuffer buffers[2] = {{sizeof signature, SECBUFFER_TOKEN, signature}, {sizeof message, SECBUFFER_DATA, message}};
  SecBufferDesc list{SECBUFFER_VERSION, 2, buffers};
  require(MakeSignature(&pair.client, 0, &list, 0) == SEC_E_OK, "MakeSignature");
}

template <class Call>
double microseconds(Call call) {
  const auto before = Clock::now();
  call();
  return std::chrono::duration<double, std::micro>(Clock::now() - before).count();
}

double accept_once(SspiCredentials& credentials) {
  FirstLeg client(credentials.initiator);
  std::vector<unsigned char> answer(48256);
  SecBuffer in{static_cast<ULONG>(client.token().size()), SECBUFFER_TOKEN, client.token().data()};
  SecBuffer out{static_cast<ULONG>(answer.size()), SECBUFFER_TOKEN, answer.data()};
  SecBufferDesc in_list{SECBUFFER_VERSION, 1, &in}, out_list{SECBUFFER_VERSION, 1, &out};
  ULONG attributes = 0;
  CtxtHandle server{};
  const double time = microseconds([&] {
    require(AcceptSecurityContext(&credentials.acceptor, nullptr, &in_list, 0, SECURITY_NATIVE_DREP, &server, &out_list,
                                  &attributes, nullptr) >= 0,
            "AcceptSecurityContext");
  });
  DeleteSecurityContext(&server);
  return time;
}

/// Prints the 99th percentile of one call.
int measure(const std::string& call) {
  SspiCredentials credentials("Kerberos");
  SspiPair pair(credentials, "host/localhost");
  std::vector<double> times;
  for (std::size_t i = 0; i < kWarmUp + kSamples; ++i) {
    double time = 0;
    if (call == "sign") time = microseconds([&] { sign(pair); });
    if (call == "accept") time = accept_once(credentials);
    if (call == "initiate") time = microseconds([&] { FirstLeg leg(credentials.initiator); });
    if (i >= kWarmUp) times.push_back(time);
  }
  std::printf("%.2f\n", percentile_99(std::move(times)));
  return 0;
}

/// Asks for a ticket that nobody has yet. The KDC does not answer: this waits until it is ended.
int wait_for_kdc() {
  SspiCredentials credentials("Kerberos");
  std::puts("waits");
  std::fflush(stdout);
  std::vector<unsigned char> token(48256);
  char target[] = "ldap/localhost";
  while (true) {
    SecBuffer out{static_cast<ULONG>(token.size()), SECBUFFER_TOKEN, token.data()};
    SecBufferDesc list{SECBUFFER_VERSION, 1, &out};
    ULONG attributes = 0;
    CtxtHandle context{};
    const SECURITY_STATUS status =
        InitializeSecurityContextA(&credentials.initiator, nullptr, target, 0, 0, SECURITY_NATIVE_DREP, nullptr, 0,
                                   &context, &list, &attributes, nullptr);
    require(status < 0, "that a ticket cannot be had");
  }
}

int flood() {
  SspiCredentials credentials("Kerberos");
  SspiPair pair(credentials, "host/localhost");
  std::puts("floods");
  std::fflush(stdout);
  while (true) sign(pair);
}

// ---- The measurement ----

class Scene {
 public:
  Scene() : daemon_(realm_.environment(), {"--config", configuration(), "--state", directory_.file("state")}) {
    realm_.enter();
  }

  void measure_all(Report& report) {
    for (const char* load : {"waiting", "flood"})
      for (const char* call : kCalls)
        for (const char* whose : {"same", "other"}) {
          const std::string row = std::string("fairness/") + load + '/' + call + '/' + whose;
          report.add(row, "us", "unloaded", p99(call, whose));
          std::list<Process> load_processes = begin(load);
          report.add(row, "us", "loaded", p99(call, whose));
          end(load_processes, load);
        }
  }

 private:
  std::string configuration() const {
    const auto service = [&](const char* name) {
      return '"' + std::string(name) + R"(": {"socket": ")" + directory_.file(name) +
             R"(", "initiate": {}, "accept": {"keytab": ")" + realm_.keytab() + "\"}}";
    };
    std::ofstream{directory_.file("sspid.json")} << "{\"services\": {" << service("same") << ", " << service("other")
                                                 << "}}";
    return directory_.file("sspid.json");
  }

  [[nodiscard]] test::Environment environment(const std::string& service) const {
    return test::with(realm_.environment(), {{"SSPI_SOCKET", directory_.file(service)}});
  }

  [[nodiscard]] static std::vector<std::string> command(const std::string& role, const std::string& argument = {}) {
    std::vector<std::string> words{test::built_program("sspi_bench"), "--fairness", role};
    if (!argument.empty()) words.push_back(argument);
    return words;
  }

  double p99(const std::string& call, const std::string& whose) const {
    return std::stod(test::run_or_throw(command("measure", call), environment(whose)));
  }

  std::list<Process> begin(const std::string& load) {
    const bool waiting = load == "waiting";
    if (waiting) realm_.pause_kdc();
    std::list<Process> processes;
    for (int i = 0; i < (waiting ? kWaitingClients : 1); ++i) {
      const std::string output = directory_.file(load + std::to_string(count_++));
      processes.emplace_back(Process::Options{.command = command(waiting ? "wait" : "flood"),
                                              .environment = test::with(test::base_environment(), environment("same")),
                                              .output = output});
      test::await(
          "the load", [&] { return !test::read_text(output).empty(); }, &processes.back());
    }
    return processes;
  }

  void end(std::list<Process>& processes, const std::string& load) {
    for (Process& process : processes) process.kill();
    if (load == "waiting") realm_.continue_kdc();
  }

  test::Directory directory_;
  test::Realm realm_;
  test::DaemonProcess daemon_;
  int count_ = 0;
};

}  // namespace

void measure_fairness(Report& report) {
  if (::geteuid() != 0) {
    std::fprintf(stderr, "fairness/* is left out: only root's daemon serves more than one identity\n");
    return;
  }
  Scene().measure_all(report);
}

int run_fairness_process(const std::vector<std::string>& arguments) {
  if (arguments.size() == 2 && arguments[0] == "measure") return measure(arguments[1]);
  if (arguments.size() == 1 && arguments[0] == "wait") return wait_for_kdc();
  if (arguments.size() == 1 && arguments[0] == "flood") return flood();
  return 2;
}

}  // namespace sspid::bench
