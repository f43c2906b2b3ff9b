// What administrators see of a daemon at work, and how their command ends.
#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "context_pair.h"
#include "support/world.h"

namespace sspid::test {
namespace {

using nlohmann::json;

class Sspictl : public ::testing::Test {
 protected:
  World& world_ = world();
  DaemonProcess& daemon_ = world_.daemon;

  [[nodiscard]] Result sspictl(std::vector<std::string> words) const {
    std::vector<std::string> command{built_program("sspictl"), "--socket", daemon_.socket()};
    command.insert(command.end(), words.begin(), words.end());
    return run(command, base_environment());
  }

  [[nodiscard]] json as_json(const std::string& command) const {
    const Result result = sspictl({"--json", command});
    EXPECT_EQ(result.status, 0) << result.output;
    return json::parse(result.output);
  }

  static bool has_line(const std::string& text, std::initializer_list<const char*> words) {
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      const std::string line = text.substr(begin, end - begin);
      if (std::all_of(words.begin(), words.end(), [&](const char* word) { return line.find(word) != line.npos; }))
        return true;
      begin = end + 1;
    }
    return false;
  }
};

TEST_F(Sspictl, knows_that_an_embedded_daemon_is_none_of_its_own) {
  const Environment embedded = with(base_environment(), {{"SSPI_SOCKET", "embedded:"}});
  const Result without = run({built_program("sspictl"), "ping"}, embedded);
  EXPECT_EQ(without.status, 2);
  EXPECT_NE(without.output.find("name another by --socket"), std::string::npos) << without.output;
  EXPECT_EQ(run({built_program("sspictl"), "--socket", daemon_.socket(), "ping"}, embedded).status, 0);
}

TEST_F(Sspictl, status_shows_the_supervisor_and_its_worker) {
  const json status = as_json("status");
  EXPECT_EQ(status.at("pid"), daemon_.pid());
  EXPECT_EQ(status.at("sockets"), json::array({daemon_.socket()}));
  ASSERT_EQ(status.at("workers").size(), 1U);
  EXPECT_EQ(status.at("workers").at(0).at("pid"), daemon_.worker());
  EXPECT_EQ(status.at("workers").at(0).at("state"), "ready");

  const Result table = sspictl({"status"});
  EXPECT_EQ(table.status, 0);
  EXPECT_TRUE(has_line(table.output, {"IDENTITY", "PID", "STATE", "RESTARTS"})) << table.output;
  const std::string worker = std::to_string(daemon_.worker());
  EXPECT_TRUE(has_line(table.output, {"own user", worker.c_str(), "ready"})) << table.output;
}

TEST_F(Sspictl, status_counts_workers_that_died) {
  const std::int64_t before = as_json("status").at("workers").at(0).at("restarts");
  const pid_t old = daemon_.worker();
  ::kill(old, SIGKILL);
  await("another worker", [&] {
    const json status = as_json("status");
    const json& worker = status.at("workers").at(0);
    return worker.at("pid") != old && worker.at("state") == "ready";
  });
  EXPECT_EQ(as_json("status").at("workers").at(0).at("restarts"), before + 1);
}

TEST_F(Sspictl, packages_are_those_that_programs_see) {
  const json packages = as_json("packages");
  const auto names = [&] {
    std::vector<std::string> all;
    for (const json& package : packages) all.push_back(package.at("name"));
    return all;
  }();
  EXPECT_NE(std::find(names.begin(), names.end(), "Kerberos"), names.end());
  EXPECT_NE(std::find(names.begin(), names.end(), "Negotiate"), names.end());
  EXPECT_TRUE(has_line(sspictl({"packages"}).output, {"Kerberos", "48000", "mutual"}));
}

TEST_F(Sspictl, sessions_and_contexts_show_who_holds_what) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  ContextPair pair(outbound, inbound);

  const json sessions = as_json("sessions");
  const auto own = std::find_if(sessions.begin(), sessions.end(),
                                [](const json& session) { return session.at("pid") == ::getpid(); });
  ASSERT_NE(own, sessions.end()) << sessions;
  EXPECT_EQ(own->at("uid"), ::getuid());
  EXPECT_EQ(own->at("credentials"), 2);
  EXPECT_EQ(own->at("contexts"), 2);
  EXPECT_GE(own->at("connections"), 1);

  const json contexts = as_json("contexts");
  ASSERT_EQ(contexts.size(), 2U) << contexts;
  const auto end = [&](const char* role) {
    return *std::find_if(contexts.begin(), contexts.end(),
                         [&](const json& context) { return context.at("role") == role; });
  };
  const std::string alice = world_.realm.qualified("alice"), host = world_.realm.qualified("host/localhost");
  EXPECT_EQ(end("initiator").at("own"), alice);
  EXPECT_EQ(end("initiator").at("peer"), host);
  EXPECT_EQ(end("initiator").at("target"), "host/localhost");
  EXPECT_EQ(end("acceptor").at("own"), host);
  EXPECT_EQ(end("acceptor").at("peer"), alice);
  EXPECT_EQ(end("acceptor").at("stage"), "established");
  EXPECT_EQ(end("acceptor").at("session"), own->at("session"));
  const std::string flags = end("initiator").at("flags");
  EXPECT_NE(flags.find("mutual"), flags.npos) << flags;

  const std::string table = sspictl({"contexts"}).output;
  EXPECT_TRUE(has_line(table, {"acceptor", "established", host.c_str(), alice.c_str()})) << table;
  EXPECT_TRUE(has_line(sspictl({"sessions"}).output, {std::to_string(::getpid()).c_str()}));
}

TEST_F(Sspictl, a_half_open_context_is_shown_as_such) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  SspiInitiator client(outbound, "host/localhost");
  (void)client.step({});
  const json contexts = as_json("contexts");
  ASSERT_EQ(contexts.size(), 1U);
  EXPECT_EQ(contexts.at(0).at("stage"), "half open");
  EXPECT_EQ(contexts.at(0).at("target"), "host/localhost");
}

TEST_F(Sspictl, names_that_a_client_chose_do_not_reach_the_terminal_as_commands) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  CtxtHandle context{};
  SecBuffer token{0, SECBUFFER_TOKEN, nullptr};
  SecBufferDesc tokens{SECBUFFER_VERSION, 1, &token};
  ULONG attributes = 0;
  char target[] = "host/local\x1b[2Jhost\nIDENTITY";
  (void)InitializeSecurityContextA(outbound.get(), nullptr, target, ISC_REQ_ALLOCATE_MEMORY, 0, SECURITY_NATIVE_DREP,
                                   nullptr, 0, &context, &tokens, &attributes, nullptr);
  for (const char* command : {"contexts", "sessions", "metrics"})
    EXPECT_EQ(sspictl({command}).output.find('\x1b'), std::string::npos) << command;
}

// Prometheus' own parser reads what is printed; each histogram ends with all its calls.
TEST_F(Sspictl, metrics_are_what_prometheus_reads) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  ContextPair pair(outbound, inbound);
  exchange(pair.client, pair.server);
  CredHandle none{};
  char package[] = "Kerberos", nobody[] = "nobody/known";
  EXPECT_STATUS(AcquireCredentialsHandleA(nobody, package, SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, nullptr,
                                          &none, nullptr),
                SEC_E_NO_CREDENTIALS);

  const Result metrics = sspictl({"metrics"});
  EXPECT_EQ(metrics.status, 0) << metrics.output;
  const json samples =
      json::parse(run_or_throw({"/usr/bin/python3", PARSE_METRICS}, base_environment(), metrics.output));
  const auto value = [&](const std::string& name, const json& labels) -> double {
    for (const json& sample : samples) {
      if (sample.at("name") != name) continue;
      if (std::all_of(labels.items().begin(), labels.items().end(),
                      [&](const auto& label) { return sample.at("labels").value(label.key(), "") == label.value(); }))
        return sample.at("value");
    }
    ADD_FAILURE() << "no sample " << name << ' ' << labels << " in\n" << metrics.output;
    return -1;
  };
  EXPECT_EQ(value("sspid_worker_up", json::object()), 1);
  EXPECT_GE(value("sspid_call_seconds_count", {{"call", "EncryptMessage"}}), 1);
  EXPECT_GE(value("sspid_call_seconds_bucket", {{"call", "EncryptMessage"}, {"le", "+Inf"}}), 1);
  EXPECT_GT(value("sspid_call_seconds_sum", {{"call", "EncryptMessage"}}), 0);
  EXPECT_GE(value("sspid_failures_total",
                  {{"call", "AcquireCredentialsHandle"}, {"package", "Kerberos"}, {"status", "SEC_E_NO_CREDENTIALS"}}),
            1);
  EXPECT_EQ(value("sspid_handles", {{"kind", "context"}, {"package", "Kerberos"}}), 2);
  EXPECT_EQ(value("sspid_handles", {{"kind", "credential"}, {"package", "Kerberos"}}), 2);
  EXPECT_GE(value("sspid_connections", json::object()), 1);
  EXPECT_EQ(value("sspid_malformed_frames_total", json::object()), 0);
}

TEST_F(Sspictl, a_worker_that_is_stuck_holds_nobody_up) {
  const pid_t worker = daemon_.worker();
  freeze(worker);
  const Result contexts = sspictl({"--timeout", "0.2", "contexts"});
  const Result status = sspictl({"status"});
  ::kill(worker, SIGCONT);
  EXPECT_EQ(contexts.status, 5) << contexts.output;
  EXPECT_NE(contexts.output.find("no answer from worker " + std::to_string(worker)), std::string::npos)
      << contexts.output;
  EXPECT_EQ(status.status, 0) << status.output;
  EXPECT_EQ(sspictl({"contexts"}).status, 0);
}

TEST_F(Sspictl, ends_as_documented) {
  EXPECT_EQ(sspictl({"ping"}).status, 0);
  EXPECT_EQ(sspictl({"--help"}).status, 0);
  EXPECT_EQ(sspictl({}).status, 2);
  EXPECT_EQ(sspictl({"no-such-command"}).status, 2);
  EXPECT_EQ(sspictl({"check"}).status, 2);
  const Directory empty;
  for (const char* command : {"ping", "packages", "status", "sessions", "contexts", "metrics", "reload"}) {
    const Result nobody = run({built_program("sspictl"), "--socket", empty.file("sock"), "--timeout", "0.1", command});
    EXPECT_EQ(nobody.status, 3) << command << ": " << nobody.output;
    EXPECT_EQ(nobody.output.rfind("sspictl: ", 0), 0U) << nobody.output;
  }
}

TEST_F(Sspictl, check_says_whether_a_configuration_is_good_and_where_it_is_not) {
  const Directory directory;
  const std::string good = directory.file("good.json"), bad = directory.file("bad.json");
  std::ofstream(good) << R"({ "packages": { "offer": ["Kerberos"] } })";
  std::ofstream(bad) << "{\n  \"pakages\": {}\n}";
  EXPECT_EQ(sspictl({"check", good}).status, 0);
  const Result result = sspictl({"check", bad});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.output.find(bad + ":2:3: pakages: there is no such key"), std::string::npos) << result.output;
  const json told = json::parse(sspictl({"--json", "check", bad}).output);
  EXPECT_EQ(told.at("good"), false);
  EXPECT_NE(told.at("error").get<std::string>().find(":2:3:"), std::string::npos);
}

TEST_F(Sspictl, reload_takes_all_of_a_configuration_or_says_why_nothing) {
  const Directory directory;
  const std::string file = directory.file("sspid.json");
  std::ofstream(file) << R"({ "packages": { "offer": ["Kerberos"] } })";
  {
    DaemonProcess daemon(world_.realm.environment(), {"--config", file});
    const auto ask = [&](std::vector<std::string> words) {
      std::vector<std::string> command{built_program("sspictl"), "--socket", daemon.socket()};
      command.insert(command.end(), words.begin(), words.end());
      return run(command);
    };
    const auto offers = [&] { return json::parse(ask({"--json", "packages"}).output).size(); };
    EXPECT_EQ(offers(), 1U);

    std::ofstream(file) << "{\n  \"packages\": { \"offer\": [\"Schannel\"] } }";
    const Result refused = ask({"reload"});
    EXPECT_EQ(refused.status, 1);
    EXPECT_NE(refused.output.find(file + ":2:"), std::string::npos) << refused.output;
    EXPECT_EQ(offers(), 1U);

    std::ofstream(file) << R"({ "packages": { "offer": ["Kerberos", "Negotiate"] } })";
    const Result reloaded = ask({"reload"});
    EXPECT_EQ(reloaded.status, 0) << reloaded.output;
    EXPECT_NE(reloaded.output.find(file), std::string::npos) << reloaded.output;
    await("the worker to hear of it", [&] { return offers() == 2; });
  }
  ::setenv("SSPI_SOCKET", daemon_.socket().c_str(), 1);
}

TEST_F(Sspictl, admin_socket_can_be_elsewhere_and_nowhere) {
  const Directory directory;
  const std::string elsewhere = directory.file("admin");
  const auto start = [&](const std::string& socket) {
    return DaemonProcess(world_.realm.environment(), {"--admin-socket", socket});
  };
  {
    DaemonProcess daemon = start(elsewhere);
    const auto status = [&](std::vector<std::string> more) {
      std::vector<std::string> command{built_program("sspictl"), "--socket", daemon.socket()};
      command.insert(command.end(), more.begin(), more.end());
      return run(command).status;
    };
    EXPECT_EQ(status({"--admin-socket", elsewhere, "status"}), 0);
    EXPECT_EQ(status({"status"}), 3);
  }
  DaemonProcess daemon = start("");
  EXPECT_FALSE(std::filesystem::exists(daemon.admin_socket()));
  world_.realm.enter();
  ::setenv("SSPI_SOCKET", daemon_.socket().c_str(), 1);
}

}  // namespace
}  // namespace sspid::test
