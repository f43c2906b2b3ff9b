// Where numbers wrap and gaps are wider than the window; the table of all cases is compared with libgssapi's judgement
// in sequence_test.cpp.
#include "daemon/worker/seal/window.h"

#include <gtest/gtest.h>

namespace sspid::worker::seal {

namespace {

constexpr Detection kBoth{.replay = true, .sequence = true};
constexpr Detection kReplay{.replay = true};
constexpr std::uint64_t kLast = ~std::uint64_t{0};

TEST(SequenceWindow, numbers_wrap) {
  SequenceWindow window(kLast - 1, 0, kBoth);
  EXPECT_EQ(window.accept(kLast - 1), GSS_S_COMPLETE);
  EXPECT_EQ(window.accept(kLast), GSS_S_COMPLETE);
  EXPECT_EQ(window.accept(0), GSS_S_COMPLETE);
  EXPECT_EQ(window.accept(kLast), GSS_S_DUPLICATE_TOKEN);
  EXPECT_EQ(window.accept(2), GSS_S_GAP_TOKEN);
  EXPECT_EQ(window.accept(1), GSS_S_UNSEQ_TOKEN);
}

TEST(SequenceWindow, a_number_before_the_first_is_far_ahead) {
  SequenceWindow window(100, 0, kBoth);
  EXPECT_EQ(window.accept(99), GSS_S_GAP_TOKEN);
}

TEST(SequenceWindow, a_gap_as_wide_as_the_window_forgets_what_was_before_it) {
  for (const std::uint64_t skipped : {62u, 63u, 64u, 65u, 127u, 128u, 1000u}) {
    SCOPED_TRACE(skipped);
    SequenceWindow window(0, 0, kReplay);
    EXPECT_EQ(window.accept(0), GSS_S_COMPLETE);
    EXPECT_EQ(window.accept(skipped + 1), GSS_S_COMPLETE);
    EXPECT_EQ(window.accept(skipped + 1), GSS_S_DUPLICATE_TOKEN);
    EXPECT_EQ(window.accept(0), skipped > 62 ? GSS_S_OLD_TOKEN : GSS_S_DUPLICATE_TOKEN);
    // What was skipped and is still in the window may come late, once.
    const std::uint64_t late = skipped + 1 > 63 ? skipped + 1 - 63 : 1;
    EXPECT_EQ(window.accept(late), GSS_S_COMPLETE);
    EXPECT_EQ(window.accept(late), GSS_S_DUPLICATE_TOKEN);
    EXPECT_EQ(window.accept(skipped), GSS_S_COMPLETE);
  }
}

TEST(SequenceWindow, messages_received_before_count) {
  for (const std::uint64_t received : {1u, 63u, 64u, 65u, 1000u}) {
    SCOPED_TRACE(received);
    SequenceWindow window(7, received, kBoth);
    EXPECT_EQ(window.accept(7 + received - 1), GSS_S_DUPLICATE_TOKEN);
    EXPECT_EQ(window.accept(7 + received), GSS_S_COMPLETE);
    EXPECT_EQ(window.accept(7), received >= 64 ? GSS_S_UNSEQ_TOKEN : GSS_S_DUPLICATE_TOKEN);
  }
}

TEST(SequenceWindow, without_detection_everything_passes) {
  SequenceWindow window(0, 0, {});
  for (const std::uint64_t number : {5u, 5u, 1u, 0u}) EXPECT_EQ(window.accept(number), GSS_S_COMPLETE);
}

}  // namespace

}  // namespace sspid::worker::seal
