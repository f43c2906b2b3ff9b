#include "own_network.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sspid::test {

namespace {

void check(long result, const std::string& what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
}

void write(const std::string& path, const std::string& text) {
  std::ofstream out(path);
  if (!(out << text).flush()) throw std::runtime_error("cannot write " + path);
}

// Who is not root becomes so to namespaces of their own only, and keeps their ids.
void leave_the_machine() {
  const std::string uid = std::to_string(::getuid()), gid = std::to_string(::getgid());
  const bool is_root = ::geteuid() == 0;
  check(::unshare(CLONE_NEWNS | CLONE_NEWNET | (is_root ? 0 : CLONE_NEWUSER)), "a network of the test's own");
  if (!is_root) {
    write("/proc/self/setgroups", "deny");
    write("/proc/self/uid_map", uid + ' ' + uid + " 1");
    write("/proc/self/gid_map", gid + ' ' + gid + " 1");
  }
  check(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "files of the test's own");
}

void bring_up_loopback() {
  const proto::Descriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  ifreq request{};
  std::copy_n("lo", 3, request.ifr_name);
  request.ifr_flags = IFF_UP;
  check(::ioctl(socket.get(), SIOCSIFFLAGS, &request), "127.0.0.1");
}

sockaddr_in name_server() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(53);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::string in_lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// ---- Messages of DNS

constexpr std::size_t kHeader = 12;
constexpr std::uint16_t kA = 1, kSrv = 33, kInternet = 1;

void put16(std::string& out, unsigned value) {
  out += static_cast<char>(value >> 8 & 0xFF);
  out += static_cast<char>(value & 0xFF);
}

std::string encoded_name(const std::string& name) {
  std::string out;
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t dot = std::min(name.find('.', at), name.size());
    out += static_cast<char>(dot - at);
    out += name.substr(at, dot - at);
    at = dot + 1;
  }
  return out + '\0';
}

struct Question {
  std::string name;
  std::uint16_t type = 0;
  std::size_t end = 0;
};

Question question_of(const std::string& message) {
  Question question;
  std::size_t at = kHeader;
  while (at < message.size() && message[at] != 0) {
    const auto length = static_cast<std::size_t>(message[at]);
    question.name += message.substr(at + 1, length) + '.';
    at += 1 + length;
  }
  question.end = std::min(at + 5, message.size());
  if (at + 2 < message.size())
    question.type = static_cast<std::uint16_t>(static_cast<unsigned char>(message[at + 1]) << 8 |
                                               static_cast<unsigned char>(message[at + 2]));
  return question;
}

std::string record(std::uint16_t type, const std::string& data) {
  std::string out;
  put16(out, 0xC000 | kHeader);  // the name of the question
  put16(out, type);
  put16(out, kInternet);
  put16(out, 0);
  put16(out, 60);  // seconds
  put16(out, static_cast<unsigned>(data.size()));
  return out + data;
}

}  // namespace

OwnNetwork::OwnNetwork() {
  leave_the_machine();
  bring_up_loopback();
  replace("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
  replace("/etc/nsswitch.conf", "passwd: files sss\ngroup: files sss\nhosts: files dns\nservices: files sss\n");
  if (!std::filesystem::exists(sssd_file("")))
    throw std::runtime_error("sssd's modules are not installed: apt-get install sssd-krb5-common libnss-sss");
  check(::mount("none", sssd_file("").c_str(), "tmpfs", 0, "mode=755"), "a directory for sssd");
}

void OwnNetwork::replace(const std::string& file, const std::string& text) {
  const std::string replacement = directory_.file(std::filesystem::path(file).filename());
  write(replacement, text);
  check(::mount(replacement.c_str(), std::filesystem::canonical(file).c_str(), nullptr, MS_BIND, nullptr), file);
}

NameServer::NameServer() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_in address = name_server();
  check(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "a name server's port");
  thread_ = std::jthread([this] { serve(); });
}

NameServer::~NameServer() {
  const sockaddr_in address = name_server();
  ::sendto(socket_.get(), "", 0, 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

void NameServer::add_service(const std::string& name, std::uint16_t port) {
  const std::lock_guard lock(mutex_);
  services_[in_lower_case(name)] = port;
}

std::vector<std::string> NameServer::questions() const {
  const std::lock_guard lock(mutex_);
  return questions_;
}

// An empty datagram ends it.
void NameServer::serve() {
  while (true) {
    std::array<char, 512> bytes;
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const ssize_t got =
        ::recvfrom(socket_.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got <= 0) return;
    if (static_cast<std::size_t>(got) < kHeader) continue;
    const std::string reply = answer({bytes.data(), static_cast<std::size_t>(got)});
    ::sendto(socket_.get(), reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
  }
}

std::string NameServer::answer(std::string message) {
  const Question question = question_of(message);
  const std::string name = in_lower_case(question.name);
  const std::lock_guard lock(mutex_);
  questions_.push_back(name);
  const auto service = services_.find(name);
  std::string records;
  if (question.type == kSrv && service != services_.end()) {
    std::string data;
    for (const unsigned field : {0U, 0U, unsigned{service->second}}) put16(data, field);  // priority, weight, port
    records = record(kSrv, data + encoded_name("kdc." + name));
  } else if (question.type == kA && name.starts_with("kdc.") && services_.contains(name.substr(4))) {
    records = record(kA, {127, 0, 0, 1});
  }
  // The head of the question says what it is; the answer's has its number, says "answer, no error", and counts.
  std::string reply = message.substr(0, 2);
  for (const unsigned field : {0x8180U, 1U, records.empty() ? 0U : 1U, 0U, 0U}) put16(reply, field);
  return reply + message.substr(kHeader, question.end - kHeader) + records;
}

}  // namespace sspid::test
