// Does what a test cannot do to itself: change for good, be another process, be killed. Prints "ok" when all was as it
// ought to be, else what went wrong.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include <grp.h>
#include <unistd.h>

#include "context_pair.h"

using namespace sspid::test;

namespace {

constexpr int kUnprivileged = 65534;

void become_daemon() {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  ContextPair before(outbound, inbound);
  if (::daemon(1, 1) != 0) throw std::runtime_error("daemon()");
  exchange(before.client, before.server);
  ContextPair after(outbound, inbound);
  exchange(after.server, after.client);
}

void give_up_root() {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  ContextPair before(outbound, inbound);
  if (::setgroups(0, nullptr) != 0 || ::setresgid(kUnprivileged, kUnprivileged, kUnprivileged) != 0 ||
      ::setresuid(kUnprivileged, kUnprivileged, kUnprivileged) != 0)
    throw std::runtime_error("cannot give up root");
  exchange(before.client, before.server);
  ContextPair after(outbound, inbound);
  exchange(after.server, after.client);
}

// Handles are numbers; those of another process must be good for nothing.
void use_foreign_handle(const char* lower, const char* upper) {
  CtxtHandle handle{std::strtoull(lower, nullptr, 16), std::strtoull(upper, nullptr, 16)};
  SecPkgContext_Sizes sizes{};
  const SECURITY_STATUS status = QueryContextAttributesW(&handle, SECPKG_ATTR_SIZES, &sizes);
  if (status != SEC_E_INVALID_HANDLE) throw std::runtime_error(status_name(status));
}

// Contexts in every state: complete, half-built, failed. Says when it has them all, then waits to be killed.
void hold_contexts(int count) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  std::vector<ContextPair> complete;
  std::vector<SspiInitiator> others;
  complete.reserve(static_cast<std::size_t>(count));
  others.reserve(2 * static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    complete.emplace_back(outbound, inbound);
    others.emplace_back(outbound, "host/localhost").step({});
    SspiInitiator& failed = others.emplace_back(outbound, "host/localhost");
    failed.step({});
    failed.step(random_bytes(100));
  }
  std::printf("ok\n");
  std::fflush(stdout);
  for (;;) ::pause();
}

void write_all(int to, const Bytes& bytes) {
  if (::write(to, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    throw std::runtime_error("write()");
}

Bytes read_to_end(int from) {
  Bytes all;
  std::uint8_t bytes[256];
  for (ssize_t got = 0; (got = ::read(from, bytes, sizeof bytes)) > 0;) all.insert(all.end(), bytes, bytes + got);
  return all;
}

constexpr int kBequest = 3;  // where the heir finds the packed contexts

// Packs both ends of a context that has carried messages, and leaves them to a program that it executes. The heir
// waits for the end of its standard input, which is not this process' end but what the test decides.
void hand_over(const char* program, const char* package) {
  Credential outbound(package, SECPKG_CRED_OUTBOUND);
  Credential inbound(package, SECPKG_CRED_INBOUND);
  ContextPair pair(outbound, inbound);
  exchange(pair.client, pair.server);
  exchange(pair.server, pair.client);
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe()");
  write_all(ends[1], pair.client.packed(SECPKG_CONTEXT_EXPORT_DELETE_OLD));
  write_all(ends[1], pair.server.packed(SECPKG_CONTEXT_EXPORT_DELETE_OLD));
  switch (::fork()) {
    case -1:
      throw std::runtime_error("fork()");
    case 0:
      ::close(ends[1]);
      if (ends[0] != kBequest && (::dup2(ends[0], kBequest) < 0 || ::close(ends[0]) != 0)) ::_exit(2);
      ::execl(program, program, "inherit", package, nullptr);
      ::_exit(2);
    default:
      return;
  }
}

void inherit(const char* package) {
  static_cast<void>(read_to_end(STDIN_FILENO));
  const Bytes packed = read_to_end(kBequest);
  const auto half = packed.begin() + static_cast<std::ptrdiff_t>(packed.size() / 2);
  SspiImported client(package, {packed.begin(), half});
  SspiImported server(package, {half, packed.end()});
  exchange(client, server);
  exchange(server, client);
}

void act(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "become-daemon") return become_daemon();
  if (what == "give-up-root") return give_up_root();
  if (what == "use-foreign-handle" && argc == 4) return use_foreign_handle(argv[2], argv[3]);
  if (what == "hand-over" && argc == 3) return hand_over(argv[0], argv[2]);
  if (what == "inherit" && argc == 3) return inherit(argv[2]);
  if (what == "hold-contexts" && argc == 3) return hold_contexts(std::stoi(argv[2]));
  throw std::runtime_error("session_program does not know " + what);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    act(argc, argv);
  } catch (const std::exception& failure) {
    std::printf("%s\n", failure.what());
    return 1;
  }
  std::printf("ok\n");
  return 0;
}
