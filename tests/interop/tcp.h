// TCP on 127.0.0.1 for the protocols that tests speak by hand. Calls block, but never longer than a test is patient;
// what fails, or does not come, is thrown. One thread at a time per object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/descriptor.h"
#include "support/bytes.h"

namespace sspid::test {

class TcpStream {
 public:
  /// Connects to a server on this machine.
  explicit TcpStream(std::uint16_t port);
  explicit TcpStream(proto::Descriptor socket);

  void send(const Bytes& bytes);
  void send(std::string_view text) { send(bytes_of(text)); }
  [[nodiscard]] Bytes receive(std::size_t count);
  /// Up to and with `end`.
  [[nodiscard]] std::string receive_until(std::string_view end);
  /// Whether the peer closed the connection, and nothing else came before.
  [[nodiscard]] bool ended();

  template <class T>
  [[nodiscard]] T receive_be() {
    T value = 0;
    for (const std::uint8_t byte : receive(sizeof(T))) value = static_cast<T>(value << 8 | byte);
    return value;
  }

 private:
  proto::Descriptor socket_;
};

class TcpListener {
 public:
  TcpListener();
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] TcpStream accept();

 private:
  proto::Descriptor socket_;
  std::uint16_t port_ = 0;
};

}  // namespace sspid::test
