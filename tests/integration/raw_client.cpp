#include "raw_client.h"

#include <cstring>
#include <stdexcept>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace sspid::test {

RawClient::RawClient(const std::string& socket) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot connect to " + socket);
}

void RawClient::send(const Bytes& bytes, int descriptor) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    iovec rest{const_cast<std::uint8_t*>(bytes.data()) + sent, bytes.size() - sent};
    msghdr message{};
    message.msg_iov = &rest;
    message.msg_iovlen = 1;
    if (descriptor >= 0) {
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      cmsghdr* rights = CMSG_FIRSTHDR(&message);
      rights->cmsg_level = SOL_SOCKET;
      rights->cmsg_type = SCM_RIGHTS;
      rights->cmsg_len = CMSG_LEN(sizeof(int));
      std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
    }
    const ssize_t count = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<std::size_t>(count);
    descriptor = -1;
  }
}

Bytes frame_bytes(proto::FrameHeader header, const flatbuffers::FlatBufferBuilder& table, const Bytes& payload) {
  header.table = table.GetSize();
  header.payload = static_cast<std::uint32_t>(payload.size());
  const auto encoded = proto::encode_header(header);
  const auto* front = reinterpret_cast<const std::uint8_t*>(encoded.data());
  const std::uint8_t* body = table.GetBufferPointer();
  return joined({Bytes(front, front + encoded.size()), Bytes(body, body + table.GetSize()), payload});
}

void RawClient::send_frame(proto::Opcode opcode, const flatbuffers::FlatBufferBuilder& table, const Bytes& payload) {
  send(frame_bytes({.opcode = opcode}, table, payload));
}

bool RawClient::receive_exactly(Bytes& into, std::size_t size) {
  into.resize(size);
  std::size_t have = 0;
  while (have < size) {
    const ssize_t count = ::recv(socket_.get(), into.data() + have, size - have, 0);
    if (count <= 0) return false;
    have += static_cast<std::size_t>(count);
  }
  return true;
}

std::optional<RawClient::Answer> RawClient::receive() {
  Bytes front;
  if (!receive_exactly(front, proto::kHeaderSize)) return std::nullopt;
  Answer answer;
  answer.header = proto::decode_header(std::as_bytes(std::span(front)).first<proto::kHeaderSize>());
  if (!receive_exactly(answer.table, answer.header.table) || !receive_exactly(answer.payload, answer.header.payload))
    return std::nullopt;
  return answer;
}

void RawClient::await_answer() {
  pollfd watched{.fd = socket_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&watched, 1, -1) != 1) throw std::runtime_error("poll");
}

void RawClient::await_end() {
  Bytes unheeded;
  while (receive_exactly(unheeded, 1)) {
  }
}

void RawClient::finish() { ::shutdown(socket_.get(), SHUT_WR); }

std::int32_t RawClient::hello(std::uint16_t min_version, std::uint16_t max_version, const proto::SessionKey* session) {
  flatbuffers::FlatBufferBuilder table;
  table.Finish(proto::CreateHelloRequest(table, min_version, max_version, 0, session));
  send_frame(proto::Opcode::Hello, table);
  const auto answer = receive();
  if (!answer) throw std::runtime_error("no answer to Hello");
  const auto* reply = flatbuffers::GetRoot<proto::HelloReply>(answer->table.data());
  if (reply->session()) session_ = *reply->session();
  return reply->status();
}

}  // namespace sspid::test
