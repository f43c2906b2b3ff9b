// The daemon's end of the protocol, played by a test: what arrives on a socket is read frame by frame, and what goes
// back is whatever the test wants to see the library cope with. It knows frames, not calls.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "client-lib/request.h"
#include "proto/descriptor.h"
#include "sspi.h"

namespace sspi::test {

struct ReceivedFrame {
  proto::FrameHeader header;
  std::string table;
  std::string payload;
  proto::Descriptor descriptor;
};

/// The daemon's end of one connection.
class Peer {
 public:
  explicit Peer(proto::Descriptor socket) : socket_(std::move(socket)) {}

  /// The next frame; nothing when the library has closed.
  [[nodiscard]] std::optional<ReceivedFrame> read();

  void write(const std::string& bytes);
  /// Both ends see the connection closed at once.
  void hang_up() const;

  /// Reads a Hello and welcomes it into this session; gives the key that it wanted to join by.
  std::optional<proto::SessionKey> welcome(const proto::SessionKey& session, const std::string& default_cache = {});

 private:
  proto::Descriptor socket_;
};

/// A reply to `request`: its header, `table`, `payload`.
[[nodiscard]] std::string reply_to(const ReceivedFrame& request, const std::string& table,
                                   const std::string& payload = {});

/// Finished tables of replies.
[[nodiscard]] std::string hello_reply(SECURITY_STATUS status, const proto::SessionKey& session = {},
                                      const std::string& default_cache = {});
[[nodiscard]] std::string ping_reply(const std::string& version);
[[nodiscard]] std::string acquire_reply(const proto::Handle& credential);
[[nodiscard]] std::string initialize_reply(SECURITY_STATUS status, const proto::Handle& context);
[[nodiscard]] std::string encrypt_reply(SECURITY_STATUS status, std::uint32_t token, std::uint32_t padding);

/// Listens on a socket of its own, to which SSPI_SOCKET leads, and gives each connection to the next script. Scripts
/// run in threads and must end when their connection does. When the daemon goes it closes every connection and waits
/// for them.
class FakeDaemon {
 public:
  using Script = std::function<void(Peer&)>;

  explicit FakeDaemon(std::vector<Script> scripts);
  ~FakeDaemon();

  [[nodiscard]] const std::string& path() const { return path_; }

  /// Closes every connection: the worker has died.
  void drop_all();

  /// Waits until every script has been given its connection and has ended.
  void finish();

 private:
  void run(const std::vector<Script>& scripts);

  std::string path_;
  proto::Descriptor listener_;
  std::mutex mutex_;
  bool ending_ = false;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace sspi::test
