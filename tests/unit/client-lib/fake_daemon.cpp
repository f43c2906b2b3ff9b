#include "fake_daemon.h"

#include <array>
#include <atomic>
#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/limits.h"

namespace sspi::test {

namespace {

std::string bytes_of(TableBuilder& builder) {
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

// Exactly `size` bytes, and the descriptor that came with them.
std::optional<std::string> read_exactly(int socket, std::size_t size, proto::Descriptor& descriptor) {
  std::string bytes(size, '\0');
  for (std::size_t got = 0; got < size;) {
    iovec part{bytes.data() + got, size - got};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (count <= 0) return std::nullopt;
    got += static_cast<std::size_t>(count);
    if (const cmsghdr* rights = CMSG_FIRSTHDR(&message)) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(rights), sizeof fd);
      descriptor.reset(fd);
    }
  }
  return bytes;
}

}  // namespace

std::optional<ReceivedFrame> Peer::read() {
  ReceivedFrame frame;
  const auto header = read_exactly(socket_.get(), proto::kHeaderSize, frame.descriptor);
  if (!header) return std::nullopt;
  frame.header = proto::decode_header(std::span<const std::byte, proto::kHeaderSize>(
      reinterpret_cast<const std::byte*>(header->data()), header->size()));
  auto table = read_exactly(socket_.get(), frame.header.table, frame.descriptor);
  auto payload = read_exactly(socket_.get(), frame.header.payload, frame.descriptor);
  if (!table || !payload) return std::nullopt;
  frame.table = std::move(*table);
  frame.payload = std::move(*payload);
  return frame;
}

void Peer::write(const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<std::size_t>(count);
  }
}

void Peer::hang_up() const { shutdown(socket_.get(), SHUT_RDWR); }

std::optional<proto::SessionKey> Peer::welcome(const proto::SessionKey& session, const std::string& default_cache) {
  const auto hello = read();
  if (!hello || hello->header.opcode != proto::Opcode::Hello) {
    ADD_FAILURE() << "the first frame is no Hello";
    return std::nullopt;
  }
  write(reply_to(*hello, hello_reply(SEC_E_OK, session, default_cache)));
  const auto* request = flatbuffers::GetRoot<proto::HelloRequest>(hello->table.data());
  return request->session() == nullptr ? std::nullopt : std::optional(*request->session());
}

std::string reply_to(const ReceivedFrame& request, const std::string& table, const std::string& payload) {
  std::string padded = table;
  if (proto::has_fixed_reply_table(request.header.opcode)) padded.resize(proto::kMessageReplyTable);
  const auto header = proto::encode_header({.table = static_cast<std::uint32_t>(padded.size()),
                                            .payload = static_cast<std::uint32_t>(payload.size()),
                                            .request = request.header.request,
                                            .opcode = request.header.opcode,
                                            .flags = proto::kReplyFlag});
  return std::string(reinterpret_cast<const char*>(header.data()), header.size()) + padded + payload;
}

std::string hello_reply(SECURITY_STATUS status, const proto::SessionKey& session, const std::string& default_cache) {
  TableBuilder builder;
  const auto cache = builder.CreateString(default_cache);
  (void)builder.finish(proto::CreateHelloReply(builder, status, 0, proto::kMaxVersion, 0, &session, cache));
  return bytes_of(builder);
}

std::string ping_reply(const std::string& version) {
  TableBuilder builder;
  const auto text = builder.CreateString(version);
  (void)builder.finish(proto::CreatePingReply(builder, SEC_E_OK, 0, text));
  return bytes_of(builder);
}

std::string acquire_reply(const proto::Handle& credential) {
  TableBuilder builder;
  (void)builder.finish(proto::CreateAcquireCredentialsHandleReply(builder, SEC_E_OK, 0, &credential, proto::kNever));
  return bytes_of(builder);
}

std::string initialize_reply(SECURITY_STATUS status, const proto::Handle& context) {
  TableBuilder builder;
  (void)builder.finish(proto::CreateInitializeSecurityContextReply(builder, status, 0, &context));
  return bytes_of(builder);
}

std::string encrypt_reply(SECURITY_STATUS status, std::uint32_t token, std::uint32_t padding) {
  TableBuilder builder;
  (void)builder.finish(proto::CreateEncryptMessageReply(builder, status, 0, token, padding));
  return bytes_of(builder);
}

FakeDaemon::FakeDaemon(std::vector<Script> scripts) {
  static std::atomic<int> counter = 0;
  path_ =
      std::filesystem::temp_directory_path() / ("sspi." + std::to_string(getpid()) + "." + std::to_string(++counter));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path_.data(), path_.size());
  listener_.reset(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(listen(listener_.get(), 64), 0);
  setenv("SSPI_SOCKET", path_.c_str(), 1);
  acceptor_ = std::thread([this, scripts = std::move(scripts)] { run(scripts); });
}

void FakeDaemon::run(const std::vector<Script>& scripts) {
  for (const Script& script : scripts) {
    proto::Descriptor socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket) break;
    const std::lock_guard lock(mutex_);
    if (ending_) break;
    peers_.push_back(std::make_unique<Peer>(std::move(socket)));
    threads_.emplace_back([&script, peer = peers_.back().get()] { script(*peer); });
  }
  for (std::thread& thread : threads_) thread.join();
}

void FakeDaemon::drop_all() {
  const std::lock_guard lock(mutex_);
  for (const auto& peer : peers_) peer->hang_up();
}

void FakeDaemon::finish() {
  if (acceptor_.joinable()) acceptor_.join();
}

FakeDaemon::~FakeDaemon() {
  shutdown(listener_.get(), SHUT_RDWR);  // an accept that still waits returns
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  drop_all();
  finish();
  std::filesystem::remove(path_);
  unsetenv("SSPI_SOCKET");
}

}  // namespace sspi::test
