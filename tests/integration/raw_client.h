// A client that says what it likes: frames put together by hand, and bytes that are no frames.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proto/descriptor.h"
#include "proto/frame.h"
#include "support/bytes.h"

namespace sspid::test {

class RawClient {
 public:
  explicit RawClient(const std::string& socket);

  /// Sends as much as the daemon takes before it hangs up.
  void send(const Bytes& bytes, int descriptor = -1);
  /// A frame as it ought to be around what it carries.
  void send_frame(proto::Opcode opcode, const flatbuffers::FlatBufferBuilder& table, const Bytes& payload = {});

  struct Answer {
    proto::FrameHeader header;
    Bytes table;
    Bytes payload;
  };
  /// The next answer; nothing when the daemon closes the connection instead.
  [[nodiscard]] std::optional<Answer> receive();
  /// Waits until the daemon has said something.
  void await_answer();
  /// Waits for the daemon to close the connection, whatever it says before.
  void await_end();
  /// Nothing more will be sent.
  void finish();

  /// Opens a session, or joins one. Its status.
  std::int32_t hello(std::uint16_t min_version = 1, std::uint16_t max_version = 1,
                     const proto::SessionKey* session = nullptr);
  [[nodiscard]] const proto::SessionKey& session() const { return session_; }

 private:
  bool receive_exactly(Bytes& into, std::size_t size);

  proto::Descriptor socket_;
  proto::SessionKey session_{};
};

/// As send_frame() puts it on the wire.
[[nodiscard]] Bytes frame_bytes(proto::FrameHeader header, const flatbuffers::FlatBufferBuilder& table,
                                const Bytes& payload = {});

}  // namespace sspid::test
