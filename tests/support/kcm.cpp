#include "kcm.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/descriptor.h"

namespace sspid::test {

namespace {

constexpr const char* kProgram = "/usr/libexec/sssd/sssd_kcm";

// In a namespace of its own: the configuration, and what it keeps, where it looks for them.
constexpr const char* kStart = R"(
  mount --bind "$1/etc" /etc/sssd && mount --bind "$1/var" /var/lib/sss && mount --bind "$1/log" /var/log/sssd &&
  sssd --genconf-section=kcm && exec "$2" --uid 0 --gid 0 --logger=stderr)";

// Its file is there a moment before anybody listens.
bool listens_at(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const proto::Descriptor client{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  return ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void make_private(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
}

}  // namespace

Kcm::Kcm(std::string socket) : socket_(std::move(socket)) {
  if (::access(kProgram, X_OK) != 0) throw std::runtime_error("there is no sssd_kcm: install sssd-kcm");
  for (const char* folder : {"etc/conf.d", "var/db", "var/secrets", "log"}) make_private(directory_.path() / folder);
  const std::string configuration = directory_.file("etc/sssd.conf");
  std::ofstream(configuration) << "[sssd]\nservices =\ndomains =\n[kcm]\nresponder_idle_timeout = 0\nsocket_path = "
                               << socket_ << '\n';
  std::filesystem::permissions(configuration, std::filesystem::perms::owner_read);
  start();
}

void Kcm::start() {
  std::filesystem::remove(socket_);
  process_.emplace(Process::Options{
      .command = {"unshare", "--mount", "--", "sh", "-c", kStart, "sh", directory_.path().string(), kProgram},
      .output = directory_.file("output")});
  try {
    await(
        "sssd_kcm", [this] { return listens_at(socket_); }, &*process_);
  } catch (const std::exception& failure) {
    process_.reset();
    throw std::runtime_error(std::string(failure.what()) + '\n' + read_text(directory_.file("output")));
  }
}

void Kcm::stop() { process_.reset(); }

}  // namespace sspid::test
