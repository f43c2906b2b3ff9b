// The replay and sequence window over a peer's sequence numbers (RFC 4121 4.2.5), with the answers that MIT's library
// gives.
//
// Numbers count from the first one of the context and wrap at 2^64. Of the 64 numbers before the next expected one the
// window knows which were seen; what is older is judged late. A gap is told once: the state moves on with it.
//
// Plain data, one thread at a time.
#pragma once

#include <cstdint>

#include <gssapi/gssapi.h>

namespace sspid::worker::seal {

/// What the peers agreed to have detected: GSS_C_REPLAY_FLAG, GSS_C_SEQUENCE_FLAG.
struct Detection {
  bool replay = false;
  bool sequence = false;
};

class SequenceWindow {
 public:
  /// `first` is the number of the peer's first message; `received` messages were accepted in order already.
  SequenceWindow(std::uint64_t first, std::uint64_t received, Detection detection);

  /// Judges the number of an authenticated message and remembers it: GSS_S_COMPLETE, or GSS_S_GAP_TOKEN,
  /// GSS_S_UNSEQ_TOKEN, GSS_S_OLD_TOKEN, GSS_S_DUPLICATE_TOKEN, which are no errors but supplementary information.
  [[nodiscard]] OM_uint32 accept(std::uint64_t number);

 private:
  std::uint64_t first_;
  std::uint64_t next_;      ///< one more than the highest number seen, counted from first_
  std::uint64_t seen_ = 0;  ///< bit i: next_ - 1 - i was seen
  Detection detection_;
};

}  // namespace sspid::worker::seal
