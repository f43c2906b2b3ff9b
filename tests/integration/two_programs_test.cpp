// sspid and sspid-worker: what the one must not have, since it may be root, and which worker it starts.
#include <array>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "served.h"

namespace sspid::test {
namespace {

namespace fs = std::filesystem;

// ---- What the supervisor has not

constexpr std::array kOfMechanisms{"gssapi", "krb5", "k5crypto", "com_err", "gssntlmssp", "libsspi", "libcrypto"};

bool names(const std::string& text, const std::string& library) { return text.find(library) != std::string::npos; }

std::string needed_by(const std::string& program) {
  return run_or_throw({"readelf", "--dynamic", "--wide", built_program(program)}, base_environment());
}

std::string symbols_of(const std::string& program) {
  return run_or_throw({"nm", "--demangle", built_program(program)}, base_environment());
}

TEST(TwoPrograms, supervisor_is_linked_with_no_mechanism) {
  const std::string supervisor = needed_by("sspid"), worker = needed_by("sspid-worker");
  for (const char* library : kOfMechanisms) EXPECT_FALSE(names(supervisor, library)) << library << "\n" << supervisor;
  for (const char* library : {"libgssapi_krb5", "libkrb5", "libcrypto"})
    EXPECT_TRUE(names(worker, library)) << "so what is there is found: " << library;
}

TEST(TwoPrograms, supervisor_has_no_parser_of_what_clients_send) {
  const std::string supervisor = symbols_of("sspid"), worker = symbols_of("sspid-worker");
  for (const char* code : {"flatbuffers::", "sspid::worker::", "sspid::proto::decode_header"}) {
    EXPECT_FALSE(names(supervisor, code)) << code;
    EXPECT_TRUE(names(worker, code)) << code;
  }
  EXPECT_FALSE(names(worker, "sspid::supervisor::"));
}

class TwoProgramsAtWork : public Served {
 protected:
  static std::string maps(pid_t process) { return read_text("/proc/" + std::to_string(process) + "/maps"); }
};

// Not by dlopen() either: it has served everybody that it can serve.
TEST_F(TwoProgramsAtWork, supervisor_has_loaded_no_mechanism) {
  start("\"web\": {" + socket("web.sock") + ", " + keytab("\"HTTP/localhost\"") + "}");
  Actor web = actor(0, "web.sock"), user = actor(1234);
  ASSERT_EQ(web.status("acquire Negotiate inbound"), "SEC_E_OK");
  ASSERT_TRUE(log_on_to(web, "HTTP@localhost").complete());
  EXPECT_EQ(user.status("packages"), "SEC_E_OK");
  reload();
  EXPECT_EQ(status_of(daemon_->pid(), "Uid").front(), '0');
  const std::string supervisor = maps(daemon_->pid());
  EXPECT_TRUE(names(supervisor, "libc.so"));
  for (const char* library : kOfMechanisms) EXPECT_FALSE(names(supervisor, library)) << library << "\n" << supervisor;
  for (const pid_t worker : daemon_->workers())
    for (const char* library : {"libgssapi_krb5", "libkrb5", "libk5crypto"})
      EXPECT_TRUE(names(maps(worker), library)) << library;
}

// ---- Which worker it starts

// An sspid that lies elsewhere than it was built.
class Elsewhere : public ::testing::Test {
 protected:
  void copy(const std::string& program, const std::string& to) {
    const fs::path path = directory_.file(to);
    fs::create_directories(path.parent_path());
    fs::copy_file(built_program(program), path);
  }

  Process start(const std::string& sspid) {
    return Process{{.command = {directory_.file(sspid), "--socket", socket_, "--admin-socket", ""},
                    .environment = base_environment(),
                    .output = directory_.file("log")}};
  }
  [[nodiscard]] bool answers() const {
    return run({built_program("sspictl"), "--socket", socket_, "ping"}, base_environment()).status == 0;
  }
  void await_answer(const Process& sspid) const {
    await(
        "sspid", [&] { return answers(); }, &sspid);
  }

  // What ends it before it listens.
  std::string complaint_of(const std::string& sspid) {
    auto process = start(sspid);
    EXPECT_EQ(process.wait(), 1);
    return read_text(directory_.file("log"));
  }

  static std::string program_of(pid_t process) { return fs::read_symlink("/proc/" + std::to_string(process) + "/exe"); }
  static pid_t only_worker_of(const Process& sspid) {
    const auto workers = children_of(sspid.pid());
    EXPECT_EQ(workers.size(), 1U);
    return workers.at(0);
  }

  Directory directory_;
  const std::string socket_ = directory_.file("socket");
};

TEST_F(Elsewhere, installed_supervisor_finds_the_worker_where_that_is_installed) {
  copy("sspid", "sbin/sspid");
  copy("sspid-worker", "libexec/sspid/sspid-worker");
  auto sspid = start("sbin/sspid");
  await_answer(sspid);
  EXPECT_EQ(program_of(only_worker_of(sspid)), directory_.file("libexec/sspid/sspid-worker"));
}

TEST_F(Elsewhere, supervisor_without_a_worker_does_not_start) {
  copy("sspid", "sbin/sspid");
  const std::string said = complaint_of("sbin/sspid");
  EXPECT_NE(said.find("there is no sspid-worker, neither in " + directory_.file("sbin") + " nor in " +
                      directory_.file("libexec/sspid")),
            std::string::npos)
      << said;
}

TEST_F(Elsewhere, worker_that_others_may_write_ends_the_start) {
  copy("sspid", "bin/sspid");
  copy("sspid-worker", "bin/sspid-worker");
  fs::permissions(directory_.file("bin/sspid-worker"), fs::perms::others_write, fs::perm_options::add);
  const std::string said = complaint_of("bin/sspid");
  EXPECT_NE(said.find(directory_.file("bin/sspid-worker") + " is no file that only root"), std::string::npos) << said;
}

// As an upgrade does, which puts another file at the path.
TEST_F(Elsewhere, running_supervisor_keeps_starting_workers_of_its_own_version) {
  copy("sspid", "bin/sspid");
  copy("sspid-worker", "bin/sspid-worker");
  auto sspid = start("bin/sspid");
  await_answer(sspid);
  const std::string path = directory_.file("bin/sspid-worker");
  fs::remove(path);
  std::ofstream{path} << "#!/bin/false\n";
  fs::permissions(path, fs::perms::owner_all);
  const pid_t first = only_worker_of(sspid);
  ::kill(first, SIGKILL);
  await("its end", [&] { return has_ended(first); });
  await_answer(sspid);
  const pid_t second = only_worker_of(sspid);
  EXPECT_NE(second, first);
  EXPECT_EQ(program_of(second), path + " (deleted)");
}

}  // namespace
}  // namespace sspid::test
