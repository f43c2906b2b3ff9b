// Late, repeated and missing messages are judged as libgssapi judges them, whatever was negotiated.
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "messages.h"

namespace sspid::test {

namespace {

using worker::seal::Cfx;

constexpr OM_uint32 kNoDetection = kAllFlags & ~(GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG);

class Sequence : public ::testing::TestWithParam<OM_uint32> {
 protected:
  void SetUp() override {
    ends_ = establish({.flags = kNoDetection | GetParam()});
    engine_ = engine_on_copy_of(ends_.acceptor, ends_.flags);
  }

  /// Of all kinds, in order.
  std::vector<Message> messages(std::size_t count) {
    std::vector<Message> all;
    gss_ctx_id_t from = ends_.initiator.get();
    while (all.size() < count) {
      all.push_back(seal(from, Protection::sealed, {{some_octets(10)}}));
      all.push_back(sign(from, some_octets(10)));
      all.push_back(wrap(from, Protection::signed_only, some_octets(10)));
    }
    return all;
  }

  OM_uint32 deliver(const Message& message) {
    const OM_uint32 theirs = open(ends_.acceptor.get(), message).status.major;
    EXPECT_EQ(open(*engine_, message).status.major, theirs);
    return theirs;
  }

  [[nodiscard]] static bool replay() { return (GetParam() & GSS_C_REPLAY_FLAG) != 0; }
  [[nodiscard]] static bool sequence() { return (GetParam() & GSS_C_SEQUENCE_FLAG) != 0; }

  Ends ends_;
  std::unique_ptr<Cfx> engine_;
};

std::string detection_name(const ::testing::TestParamInfo<OM_uint32>& info) {
  const bool replay = (info.param & GSS_C_REPLAY_FLAG) != 0, sequence = (info.param & GSS_C_SEQUENCE_FLAG) != 0;
  return replay && sequence ? "both" : replay ? "replay" : sequence ? "sequence" : "neither";
}
INSTANTIATE_TEST_SUITE_P(, Sequence,
                         ::testing::Values(0u, GSS_C_REPLAY_FLAG, GSS_C_SEQUENCE_FLAG,
                                           GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG),
                         detection_name);

TEST_P(Sequence, gap_late_and_duplicate) {
  const std::vector<Message> sent = messages(5);
  EXPECT_EQ(deliver(sent[0]), GSS_S_COMPLETE);
  EXPECT_EQ(deliver(sent[2]), sequence() ? GSS_S_GAP_TOKEN : GSS_S_COMPLETE);
  EXPECT_EQ(deliver(sent[1]), sequence() ? GSS_S_UNSEQ_TOKEN : GSS_S_COMPLETE);
  EXPECT_EQ(deliver(sent[1]), replay() ? GSS_S_DUPLICATE_TOKEN : sequence() ? GSS_S_UNSEQ_TOKEN : GSS_S_COMPLETE);
  EXPECT_EQ(deliver(sent[3]), GSS_S_COMPLETE);
}

TEST_P(Sequence, older_than_the_window) {
  const std::vector<Message> sent = messages(80);
  for (std::size_t i = 3; i < 66; ++i) deliver(sent[i]);
  const OM_uint32 too_old = sequence() ? GSS_S_UNSEQ_TOKEN : replay() ? GSS_S_OLD_TOKEN : GSS_S_COMPLETE;
  EXPECT_EQ(deliver(sent[1]), too_old);
  EXPECT_EQ(deliver(sent[1]), too_old);
  const OM_uint32 late = sequence() ? GSS_S_UNSEQ_TOKEN : GSS_S_COMPLETE;
  EXPECT_EQ(deliver(sent[2]), late);
  EXPECT_EQ(deliver(sent[2]), replay() ? GSS_S_DUPLICATE_TOKEN : late);
}

// A gap of 64 messages and more is left out: there libgssapi shifts by more bits than its window has, which means
// nothing. What Cfx does then is told in window_test.cpp.
TEST_P(Sequence, any_order_with_losses_and_repetitions) {
  constexpr std::size_t kCount = 600, kReach = 80, kMostSkipped = 60;
  const std::vector<Message> sent = messages(kCount);
  std::mt19937 random(4121);
  std::size_t highest = 0;
  for (int round = 0; round < 2000; ++round) {
    const std::size_t from = highest > kReach ? highest - kReach : 0;
    const std::size_t ahead = random() % 4 == 0 ? random() % 3 : 0;
    const std::size_t upto = std::min(highest + (random() % 200 == 0 ? kMostSkipped : ahead), kCount - 1);
    const std::size_t index = from + random() % (upto - from + 1);
    highest = std::max(highest, index);
    SCOPED_TRACE(index);
    deliver(sent[index]);
  }
  EXPECT_GT(highest, kReach * 2);
}

TEST_P(Sequence, refused_messages_do_not_count) {
  const std::vector<Message> sent = messages(3);
  for (const Message& message : sent) {
    Message changed = message;
    changed.token.back() ^= std::byte{1};
    EXPECT_TRUE(GSS_ERROR(deliver(changed)));
  }
  for (const Message& message : sent) EXPECT_EQ(deliver(message), GSS_S_COMPLETE);
}

TEST_P(Sequence, what_we_send_is_in_order) {
  const std::unique_ptr<Cfx> sender = engine_on_copy_of(ends_.initiator, ends_.flags);
  for (int round = 0; round < 100; ++round) {
    EXPECT_EQ(deliver(seal(*sender, Protection::sealed, {{some_octets(10)}})), GSS_S_COMPLETE);
    EXPECT_EQ(deliver(sign(*sender, some_octets(10))), GSS_S_COMPLETE);
    EXPECT_EQ(deliver(seal(*sender, Protection::signed_only, {{some_octets(10)}})), GSS_S_COMPLETE);
  }
}

TEST_P(Sequence, a_refusal_to_seal_costs_no_number) {
  const std::unique_ptr<Cfx> sender = engine_on_copy_of(ends_.initiator, ends_.flags);
  worker::gss::Sealed sealed;
  EXPECT_EQ(sender->seal(true, {}, sealed).major, GSS_S_BAD_QOP);
  EXPECT_EQ(deliver(sign(*sender, some_octets(10))), GSS_S_COMPLETE);
}

}  // namespace

}  // namespace sspid::test
