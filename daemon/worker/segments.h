// The parts of a message in a request's payload: the caller's buffers, back to back, as the table lists them.
#pragma once

#include <span>
#include <vector>

#include "daemon/worker/gss/message.h"
#include "daemon/worker/payload.h"
#include "proto/sspid_generated.h"

namespace sspid::worker {

class Segments {
 public:
  /// The lengths add up to no more than `bytes`: well_formed() saw to that.
  Segments(const flatbuffers::Vector<const proto::Segment*>* list, std::span<std::byte> bytes) {
    if (!list) return;
    parts_.reserve(list->size());
    for (const proto::Segment* segment : *list) {
      parts_.push_back({bytes.first(segment->length()), segment->kind() == proto::SegmentKind::SignOnly});
      bytes = bytes.subspan(segment->length());
    }
  }

  [[nodiscard]] std::span<const gss::Part> parts() const { return parts_; }

  [[nodiscard]] bool has_sign_only() const {
    for (const gss::Part& part : parts_)
      if (part.sign_only) return true;
    return false;
  }

  [[nodiscard]] std::size_t writable_size() const {
    std::size_t size = 0;
    for (const gss::Part& part : parts_)
      if (!part.sign_only) size += part.bytes.size();
    return size;
  }

  /// The parts that a call changed in place go back to the caller; what is only signed stays where it is.
  void add_data_to(Payload& payload) const {
    for (const gss::Part& part : parts_)
      if (!part.sign_only) payload.add(part.bytes);
  }

 private:
  std::vector<gss::Part> parts_;
};

}  // namespace sspid::worker
