// Both ends of a connection in one process, and what a client does to its end.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/descriptor.h"
#include "proto/frame.h"

namespace sspid::test {

using FrameBytes = std::vector<std::byte>;

struct SocketPair {
  proto::Descriptor client;
  proto::Descriptor daemon;

  explicit SocketPair(int type = SOCK_STREAM) {
    std::array<int, 2> pair{-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair.data()), 0);
    client.reset(pair[0]);
    daemon.reset(pair[1]);
  }
};

/// Sends all bytes in one message, the descriptors with the first of them.
inline void send_bytes(const proto::Descriptor& socket, std::span<const std::byte> bytes,
                       const std::vector<int>& descriptors = {}) {
  iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  const std::size_t size = descriptors.size() * sizeof(int);
  std::vector<std::byte> room(CMSG_SPACE(size));
  if (!descriptors.empty()) {
    message.msg_control = room.data();
    message.msg_controllen = room.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(rights), descriptors.data(), size);
  }
  ASSERT_EQ(::sendmsg(socket.get(), &message, MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
}

/// Everything up to `size` bytes; fewer when the other side closes before.
inline FrameBytes receive_bytes(const proto::Descriptor& socket, std::size_t size) {
  FrameBytes bytes(size);
  const auto got = ::recv(socket.get(), bytes.data(), size, MSG_WAITALL);
  bytes.resize(static_cast<std::size_t>(got < 0 ? 0 : got));
  return bytes;
}

inline FrameBytes joined(const std::vector<std::span<const std::byte>>& parts) {
  FrameBytes all;
  for (const auto part : parts) {
    const std::size_t before = all.size();
    all.resize(before + part.size());
    std::copy(part.begin(), part.end(), all.begin() + static_cast<std::ptrdiff_t>(before));
  }
  return all;
}

/// A frame whose table and payload are patterns that no other request number gives.
inline FrameBytes frame_of(std::uint32_t request, std::size_t table, std::size_t payload,
                           proto::Opcode opcode = proto::Opcode::Ping) {
  const auto header = proto::encode_header({.table = static_cast<std::uint32_t>(table),
                                            .payload = static_cast<std::uint32_t>(payload),
                                            .request = request,
                                            .opcode = opcode});
  FrameBytes body(table + payload);
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<std::byte>(request + i * 7);
  return joined({header, body});
}

}  // namespace sspid::test
