// A copy of an engine goes on where the first one stood, and neither knows what the other does from then on.
#include <gtest/gtest.h>

#include "messages.h"

namespace sspid::test {

namespace {

using worker::seal::Cfx;

class Copy : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    ends_ = establish({.enctype = GetParam()});
    first_ = engine_on_copy_of(ends_.acceptor, ends_.flags);
  }

  OM_uint32 deliver(const Message& message, Cfx& to) { return open(to, message).status.major; }
  Message from_initiator() { return seal(ends_.initiator.get(), Protection::sealed, {{some_octets(20)}}); }

  Ends ends_;
  std::unique_ptr<Cfx> first_;
};
INSTANTIATE_TEST_SUITE_P(, Copy, ::testing::ValuesIn(all_enctypes()), enctype_name);

TEST_P(Copy, takes_what_the_first_takes) {
  const std::unique_ptr<Cfx> fresh = first_->copy();
  for (int round = 0; round < 3; ++round) {
    const Message sealed = from_initiator(), signature = sign(ends_.initiator.get(), some_octets(20));
    for (Cfx* engine : {first_.get(), fresh.get()}) {
      EXPECT_EQ(deliver(sealed, *engine), GSS_S_COMPLETE);
      EXPECT_EQ(deliver(signature, *engine), GSS_S_COMPLETE);
    }
  }
  const std::unique_ptr<Cfx> used = first_->copy();
  first_.reset();
  EXPECT_EQ(deliver(from_initiator(), *used), GSS_S_COMPLETE);
}

TEST_P(Copy, remembers_what_was_taken_before_and_nothing_that_was_taken_after) {
  const Message before = from_initiator();
  EXPECT_EQ(deliver(before, *first_), GSS_S_COMPLETE);
  const std::unique_ptr<Cfx> copy = first_->copy();
  EXPECT_EQ(deliver(before, *copy), GSS_S_DUPLICATE_TOKEN);
  const Message after = from_initiator();
  EXPECT_EQ(deliver(after, *first_), GSS_S_COMPLETE);
  EXPECT_EQ(deliver(after, *first_), GSS_S_DUPLICATE_TOKEN);
  EXPECT_EQ(deliver(after, *copy), GSS_S_COMPLETE);
}

TEST_P(Copy, sends_the_number_that_the_first_would_send) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(open(ends_.initiator.get(), sign(*first_, some_octets(5))).complete());
  const std::unique_ptr<Cfx> copy = first_->copy();
  EXPECT_TRUE(open(ends_.initiator.get(), seal(*copy, Protection::sealed, {{some_octets(5)}})).complete());
  EXPECT_EQ(open(ends_.initiator.get(), sign(*first_, some_octets(5))).status.major, GSS_S_DUPLICATE_TOKEN);
  EXPECT_TRUE(open(ends_.initiator.get(), sign(*first_, some_octets(5))).complete());
}

}  // namespace

}  // namespace sspid::test
