// One stream socket to the daemon: connect, Hello, one call after another.
//
// A connection belongs to one thread at a time (session.h lends it). After any fault of the transport or of the
// protocol it is dead: nothing is sent or received on it again, because the place in the stream is lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <sys/types.h>

#include "client-lib/request.h"
#include "proto/descriptor.h"
#include "sspi.h"

namespace sspi {

/// What came of sending a request.
enum class Sent {
  answered,  ///< the reply is here (or none is due)
  not_sent,  ///< the other end is gone and has seen nothing of the request
  broken,    ///< the outcome is unknown
};

/// A reply; lies in the connection's buffer and is valid until its next use. What was scattered into the caller's
/// places is not in `payload`, only the rest of it.
struct Reply {
  proto::FrameHeader header;
  std::span<std::byte> table;
  std::span<std::byte> payload;
};

/// How the daemon answered Hello.
struct Greeting {
  enum class Kind {
    welcome,
    refused,   ///< by the supervisor: `refusal` says why
    rejected,  ///< by the worker: `status` and `text` say why
    closed,    ///< the connection ended before the answer: nothing was executed
    fault,     ///< what came is not our protocol
  };
  Kind kind = Kind::closed;
  proto::Refusal refusal = proto::Refusal::not_served;
  SECURITY_STATUS status = SEC_E_OK;
  std::string text;
  proto::SessionKey session;
  std::string default_cache;
};

class Connection {
 public:
  /// Takes a connected socket.
  explicit Connection(proto::Descriptor socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Connects and checks that the daemon is root or the calling user. Nothing, with `error` set: an errno; EPERM says
  /// that somebody else listens there.
  [[nodiscard]] static std::unique_ptr<Connection> open(const std::string& path, int& error);

  /// The first frame: opens a session, or joins the one that `key` names.
  [[nodiscard]] Greeting greet(const proto::SessionKey* key);

  /// Sends a request and receives its reply. The first bytes of the reply's payload go straight to `places`, which only
  /// the four calls with a fixed reply table may give.
  [[nodiscard]] Sent transact(const Request& request, std::span<const iovec> places, Reply& reply);

  /// Sends a call that gets no answer.
  [[nodiscard]] Sent post(const Request& request);

  /// Whether the other end has gone. One system call; for the path of failures.
  [[nodiscard]] bool hung_up() const;

  /// Nothing may use it any more.
  void mark_dead() { dead_ = true; }
  [[nodiscard]] bool dead() const { return dead_; }

  /// Gives memory back that an unusually large reply took, and wipes what the last reply left.
  void tidy();

 private:
  [[nodiscard]] Sent send(const Request& request);
  [[nodiscard]] bool receive(const Request& request, Reply& reply);
  [[nodiscard]] bool receive_scattered(const Request& request, std::span<const iovec> places, Reply& reply);
  [[nodiscard]] bool acceptable(const proto::FrameHeader& header, const Request& request) const;
  [[nodiscard]] bool is_our_socket() const;
  void grow(std::size_t size, std::size_t keep);

  proto::Descriptor socket_;
  dev_t device_ = 0;  // with inode_: which socket this was, for programs that close descriptors behind our back
  ino_t inode_ = 0;
  bool dead_ = false;
  std::uint32_t last_request_ = 0;
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
};

}  // namespace sspi
