// MIT's example programs gss-server and gss-client: their framing, and the server as an object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "support/bytes.h"
#include "support/process.h"
#include "support/realm.h"
#include "support/scratch.h"
#include "tcp.h"

namespace sspid::test::gss_sample {

enum Flag : std::uint8_t {
  kNoop = 1,
  kContext = 2,
  kData = 4,
  kMic = 8,
  kContextNext = 16,
  kWrapped = 32,
  kEncrypted = 64,
  kSendMic = 128,
};

/// Flags, length, then as many bytes.
struct Frame {
  std::uint8_t flags = 0;
  Bytes bytes;
};
void send(TcpStream& stream, unsigned flags, const Bytes& bytes);
[[nodiscard]] Frame receive(TcpStream& stream);

/// gss-server for host@localhost.
class GssServer {
 public:
  explicit GssServer(const Realm& realm);
  [[nodiscard]] std::uint16_t port() const { return port_.number(); }
  /// What it says of each context and message.
  [[nodiscard]] std::string log() const { return read_text(directory_.file("log")); }

 private:
  Directory directory_;
  Port port_;
  Process process_;
};

/// Our example server for one client of that kind, on a port that it chooses.
class SspiServer {
 public:
  SspiServer(const std::string& package, const Environment& environment);
  [[nodiscard]] std::string port() const;
  [[nodiscard]] std::string log() const { return read_text(directory_.file("log")); }
  [[nodiscard]] std::optional<int> wait() { return process_.wait(); }

 private:
  Directory directory_;
  Process process_;
};

}  // namespace sspid::test::gss_sample
