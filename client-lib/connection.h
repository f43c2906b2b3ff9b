// One stream socket to the daemon: connect, Hello, one call after another.
//
// A connection belongs to one thread at a time (session.h lends it). After any fault of the transport or of the
// protocol it is dead: nothing is sent or received on it again, because the place in the stream is lost.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "client-lib/kept_descriptor.h"
#include "client-lib/request.h"
#include "client-lib/waiting.h"
#include "proto/descriptor.h"
#include "proto/limits.h"
#include "sspi.h"

namespace sspi {

/// What came of sending a request.
enum class Sent {
  answered,        ///< the reply is here (or none is due)
  not_sent,        ///< the other end is gone and has seen nothing of the request
  broken,          ///< the outcome is unknown
  until_readable,  ///< not over yet: go on when the socket is readable; only for Pace::nonblocking
  until_writable,  ///< likewise
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
  std::string default_realm;
};

class Connection {
 public:
  /// Takes a connected socket.
  explicit Connection(proto::Descriptor socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Connects and checks that the daemon is root or the calling user. Nothing, with `error` set: an errno; EPERM says
  /// that somebody else listens there, EAGAIN that connecting would have to wait.
  [[nodiscard]] static std::unique_ptr<Connection> open(const std::string& path, Pace pace, int& error);

  /// The first frame: opens a session, or joins the one that `key` names. Its answer is for greeting().
  void greet(const proto::SessionKey* key);
  /// How it was answered; nothing: go on when the socket is readable.
  [[nodiscard]] std::optional<Greeting> greeting(Pace pace);

  /// Begins an exchange: what `request` and `places` refer to must stay until it is over. The first bytes of the
  /// reply's payload go straight to `places`, which only the four calls with a fixed reply table may give.
  void begin(const Request& request, std::span<const iovec> places);
  /// Goes on with what was begun: sends, then receives where an answer is due.
  [[nodiscard]] Sent advance(Pace pace, Reply& reply);

  /// Both, for a thread that may block.
  [[nodiscard]] Sent transact(const Request& request, std::span<const iovec> places, Reply& reply);

  [[nodiscard]] int socket() const { return socket_.get(); }

  /// Whether the other end has gone. One system call; for the path of failures.
  [[nodiscard]] bool hung_up() const;

  /// Nothing may use it any more.
  void mark_dead() { dead_ = true; }
  [[nodiscard]] bool dead() const { return dead_; }

  /// Gives memory back that an unusually large reply took, and wipes what the last reply left.
  void tidy();

 private:
  // header, table, the caller's buffers with the TOKEN and PADDING among them
  static constexpr std::size_t kMostParts = proto::kMaxSegments + 4;

  /// How far the exchange has come.
  enum class Phase { sending, header, body };

  [[nodiscard]] Sent send(Pace pace);
  void await_reply();
  [[nodiscard]] Sent receive(Pace pace, Reply& reply);
  [[nodiscard]] Sent receive_until(std::size_t count, Pace pace, int flags);
  [[nodiscard]] bool take_header();
  [[nodiscard]] bool acceptable(const proto::FrameHeader& header) const;
  void grow(std::size_t size, std::size_t keep);

  KeptDescriptor socket_;
  bool dead_ = false;
  std::uint32_t last_request_ = 0;
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;

  // The exchange.
  Phase phase_ = Phase::sending;
  proto::Opcode opcode_ = proto::Opcode::None;
  bool scattered_ = false;
  int descriptor_ = -1;
  bool nothing_sent_ = true;
  std::array<std::byte, proto::kHeaderSize> request_header_;
  std::array<iovec, kMostParts> storage_;
  std::span<iovec> rest_;  // what is still to be sent; then what is still to be filled
  std::span<const iovec> places_;
  proto::FrameHeader header_;
  std::size_t got_ = 0;
};

}  // namespace sspi
