#include "daemon/worker/seal/window.h"

namespace sspid::worker::seal {

namespace {

constexpr std::uint64_t kWidth = 64;

/// The numbers before the next expected one, of which `count` were seen.
constexpr std::uint64_t all_seen(std::uint64_t count) {
  return count >= kWidth ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

}  // namespace

SequenceWindow::SequenceWindow(std::uint64_t first, std::uint64_t received, Detection detection)
    : first_(first), next_(received), seen_(all_seen(received)), detection_(detection) {}

OM_uint32 SequenceWindow::accept(std::uint64_t number) {
  if (!detection_.replay && !detection_.sequence) return GSS_S_COMPLETE;
  const std::uint64_t position = number - first_;

  if (position >= next_) {
    const std::uint64_t skipped = position - next_;
    seen_ = skipped + 1 < kWidth ? (seen_ << (skipped + 1)) | 1 : 1;
    next_ = position + 1;
    return skipped > 0 && detection_.sequence ? GSS_S_GAP_TOKEN : GSS_S_COMPLETE;
  }

  const std::uint64_t age = next_ - position;
  if (age > kWidth) return detection_.sequence ? GSS_S_UNSEQ_TOKEN : GSS_S_OLD_TOKEN;
  const std::uint64_t bit = std::uint64_t{1} << (age - 1);
  if (detection_.replay && (seen_ & bit) != 0) return GSS_S_DUPLICATE_TOKEN;
  seen_ |= bit;
  return detection_.sequence ? GSS_S_UNSEQ_TOKEN : GSS_S_COMPLETE;
}

}  // namespace sspid::worker::seal
