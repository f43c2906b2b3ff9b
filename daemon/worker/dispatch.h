// From a frame to the handler of its call and back to a frame. Decoding, verifying and encoding happen here, once for
// all calls; handlers (calls/*.cpp) only act. No sockets here: connection.cpp has them, tests and fuzzers do not.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <sspi.h>
#include <sys/uio.h>

#include "daemon/worker/client.h"
#include "proto/descriptor.h"
#include "proto/frame.h"

namespace sspid::worker {

class Session;
struct Worker;

/// One received frame. Table and payload lie in the connection's receive buffer; handlers change the payload in place
/// (seal, open) and wipe it where it held a secret. The table starts at an address that is a multiple of 8.
struct Frame {
  proto::FrameHeader header;
  std::span<std::byte> table;
  std::span<std::byte> payload;
  proto::Descriptor descriptor;
};

/// The memory in which a connection's answers are made, reused from call to call.
struct AnswerBuffer;

/// The objects that a call made for its client.
struct Made;

/// The frame to send back, as pieces to gather: memory of the dispatcher and slices of the request's payload. Valid
/// until the dispatcher's next answer and as long as the request's memory. What is secret in it is wiped when it goes.
class Answer {
 public:
  /// Empty for a one-way call: nothing is sent.
  [[nodiscard]] std::span<const iovec> parts() const;

  explicit Answer(AnswerBuffer* buffer) : buffer_(buffer) {}
  Answer(Answer&& other) noexcept : buffer_(other.buffer_) { other.buffer_ = nullptr; }
  Answer& operator=(Answer&& other) noexcept;
  ~Answer();

 private:
  AnswerBuffer* buffer_;  // null: nothing to send
};

/// Where a call may run: what can wait for a KDC or for another call never delays what cannot.
enum class Where { event_loop, pool };

/// The calls of one connection: Hello binds it to a session, everything after acts on that session. One thread at a
/// time.
class Dispatcher {
 public:
  explicit Dispatcher(Worker& worker, Client client = {});
  ~Dispatcher();  // leaves the session; the last connection to leave ends it
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  /// Checks the whole frame: opcode, table, strings, lengths. Nothing: the frame is malformed and the connection must
  /// end. Otherwise where to try the call first.
  [[nodiscard]] std::optional<Where> admit(const Frame& frame);

  /// Carries an admitted call out. Nothing: the call would have to wait and `where` is the event loop; nothing was
  /// done, call again from the pool. Never throws.
  [[nodiscard]] std::optional<Answer> answer(Frame& frame, Where where);

  /// The last answer did not reach the client: frees what the call made, which nobody has a handle of.
  void take_back();

 private:
  friend struct Rows;

  void fail(proto::Opcode opcode, SECURITY_STATUS status);

  Worker& worker_;
  const Client client_;
  const std::uint64_t number_;                     // of this connection
  std::chrono::steady_clock::time_point began_{};  // the call at hand
  std::shared_ptr<Session> session_;
  std::unique_ptr<AnswerBuffer> buffer_;
  std::unique_ptr<Made> made_;
};

}  // namespace sspid::worker
