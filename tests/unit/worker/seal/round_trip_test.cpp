// What one engine makes the other opens, in both directions and in every layout.
#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "messages.h"

namespace sspid::test {

namespace {

using worker::seal::Cfx;

constexpr std::size_t kSizes[] = {0, 1, 15, 16, 17, 31, 32, 33, 47, 48, 49, 1000, 65536, 1048576};
constexpr Protection kProtections[] = {Protection::sealed, Protection::signed_only};

/// Both ends of a context, each both as libgssapi has it and as Cfx has it. Without sequence detection, so that each
/// engine may count for itself.
class RoundTrip : public ::testing::TestWithParam<std::string> {
 protected:
  struct Side {
    Cfx& cfx;
    gss_ctx_id_t gss;
    Cfx& peer_cfx;
    gss_ctx_id_t peer_gss;
  };

  void SetUp() override {
    ends_ = establish({.enctype = GetParam(), .flags = kAllFlags & ~(GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG)});
    initiator_ = engine_on_copy_of(ends_.initiator, ends_.flags);
    acceptor_ = engine_on_copy_of(ends_.acceptor, ends_.flags);
  }

  [[nodiscard]] std::array<Side, 2> sides() {
    return {{{*initiator_, ends_.initiator.get(), *acceptor_, ends_.acceptor.get()},
             {*acceptor_, ends_.acceptor.get(), *initiator_, ends_.initiator.get()}}};
  }

 private:
  Ends ends_;
  std::unique_ptr<Cfx> initiator_, acceptor_;
};

INSTANTIATE_TEST_SUITE_P(, RoundTrip, ::testing::ValuesIn(all_enctypes()), enctype_name);

void expect_opened(const Opened& opened, Protection protection, const std::vector<Piece>& pieces) {
  EXPECT_TRUE(opened.complete()) << describe(opened.status);
  EXPECT_EQ(opened.encrypted, protection == Protection::sealed);
  EXPECT_TRUE(opened.pieces == pieces) << "other plaintext";
}

TEST_P(RoundTrip, libgssapi_opens_what_we_seal) {
  for (const Side& side : sides())
    for (const std::size_t size : kSizes)
      for (const Protection protection : kProtections) {
        SCOPED_TRACE(size);
        const std::vector<Piece> pieces{{some_octets(size)}};
        expect_opened(open(side.peer_gss, seal(side.cfx, protection, pieces)), protection, pieces);
        expect_opened(open(side.peer_gss, as_stream(seal(side.cfx, protection, pieces))), protection, pieces);
      }
}

TEST_P(RoundTrip, we_open_what_libgssapi_seals) {
  for (const Side& side : sides())
    for (const std::size_t size : kSizes)
      for (const Protection protection : kProtections) {
        SCOPED_TRACE(size);
        const std::vector<Piece> pieces{{some_octets(size)}};
        expect_opened(open(side.peer_cfx, seal(side.gss, protection, pieces)), protection, pieces);
        expect_opened(open(side.peer_cfx, as_stream(seal(side.gss, protection, pieces))), protection, pieces);
        expect_opened(open(side.peer_cfx, wrap(side.gss, protection, pieces.front().bytes)), protection, pieces);
      }
}

TEST_P(RoundTrip, signatures) {
  for (const Side& side : sides())
    for (const std::size_t size : kSizes) {
      SCOPED_TRACE(size);
      const Message ours = sign(side.cfx, some_octets(size)), theirs = sign(side.gss, some_octets(size));
      EXPECT_EQ(ours.token.size(), side.cfx.signature_length());
      EXPECT_EQ(ours.token.size(), theirs.token.size());
      EXPECT_TRUE(open(side.peer_gss, ours).complete());
      EXPECT_TRUE(open(side.peer_cfx, theirs).complete());
    }
}

/// Messages in pieces of all kinds of lengths, so that blocks begin and end anywhere.
std::vector<std::vector<Piece>> splits() {
  std::vector<std::vector<Piece>> all{{}, {{{}}, {{}}}, {{{}, true}}, {{some_octets(7), true}}};
  for (const std::size_t first : {0u, 1u, 15u, 16u, 17u, 40u})
    for (const std::size_t second : {0u, 1u, 2u, 15u, 16u, 31u})
      for (const std::size_t third : {0u, 1u, 16u, 33u})
        all.push_back({{some_octets(first, 1)}, {some_octets(second, 2)}, {some_octets(third, 3)}});
  all.emplace_back(100, Piece{some_octets(1)});
  return all;
}

/// The same with pieces that are only signed before, between and behind.
std::vector<std::vector<Piece>> splits_with_sign_only() {
  std::vector<std::vector<Piece>> all = splits();
  for (std::vector<Piece>& pieces : all)
    for (std::size_t at = 0; at <= pieces.size() && at < 5; at += 2)
      pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(at), {some_octets(at * 5 + 3, 9), true});
  return all;
}

bool has_data(const std::vector<Piece>& pieces) {
  return std::any_of(pieces.begin(), pieces.end(), [](const Piece& piece) { return !piece.sign_only; });
}

TEST_P(RoundTrip, messages_in_several_pieces) {
  for (const Side& side : sides())
    for (const std::vector<Piece>& pieces : splits())
      for (const Protection protection : kProtections) {
        if (protection == Protection::sealed && !has_data(pieces)) continue;  // refused, see below
        expect_opened(open(side.peer_gss, seal(side.cfx, protection, pieces)), protection, pieces);
        expect_opened(open(side.peer_cfx, seal(side.gss, protection, pieces)), protection, pieces);
      }
}

TEST_P(RoundTrip, pieces_that_are_only_signed) {
  for (const Side& side : sides())
    for (const std::vector<Piece>& pieces : splits_with_sign_only())
      for (const Protection protection : kProtections) {
        if (protection == Protection::sealed && !has_data(pieces)) continue;
        expect_opened(open(side.peer_gss, seal(side.cfx, protection, pieces)), protection, pieces);
        expect_opened(open(side.peer_cfx, seal(side.gss, protection, pieces)), protection, pieces);
      }
}

TEST_P(RoundTrip, a_message_may_be_opened_in_other_pieces_than_it_was_sealed_in) {
  for (const Side& side : sides()) {
    Message message = seal(side.cfx, Protection::sealed, {{some_octets(33, 1)}, {some_octets(50, 2)}});
    const Octets whole = joined(message.pieces);
    message.pieces = {{{whole.begin(), whole.begin() + 5}}, {{whole.begin() + 5, whole.end()}}};
    const Opened opened = open(side.peer_cfx, message);
    EXPECT_TRUE(opened.complete());
    EXPECT_EQ(joined(opened.pieces), joined({{some_octets(33, 1)}, {some_octets(50, 2)}}));
  }
}

TEST_P(RoundTrip, nothing_to_encrypt_is_not_sealed) {
  namespace gss = worker::gss;
  for (const Side& side : sides()) {
    ExactBlock block(some_octets(10));
    const gss::Part only_signed{block.bytes(), true};
    for (const std::span<const gss::Part> parts : {std::span<const gss::Part>(), std::span(&only_signed, 1)}) {
      gss::Sealed ours, theirs;
      EXPECT_EQ(gss::sealed_lengths(side.gss, true, parts, theirs.token_length, theirs.padding_length).major,
                GSS_S_COMPLETE);
      EXPECT_EQ(side.cfx.seal(true, parts, ours).major, gss::seal(side.gss, true, parts, theirs).major);
    }
  }
}

TEST_P(RoundTrip, any_rotation) {
  for (const Side& side : sides())
    for (const Protection protection : kProtections)
      for (const std::size_t size : {0u, 1u, 20u, 100u}) {
        const std::vector<Piece> pieces{{some_octets(size)}};
        const Message plain = wrap(side.gss, protection, pieces.front().bytes);
        for (std::size_t count = 0; count < 2 * plain.token.size(); ++count) {
          SCOPED_TRACE(count);
          const Message message = rotated(plain, count);
          expect_opened(open(side.peer_gss, message), protection, pieces);
          expect_opened(open(side.peer_cfx, message), protection, pieces);
        }
      }
}

TEST_P(RoundTrip, lengths_are_told_beforehand) {
  for (const Side& side : sides())
    for (const Protection protection : kProtections) {
      std::size_t token = 0, padding = 1;
      side.cfx.sealed_lengths(protection == Protection::sealed, token, padding);
      EXPECT_EQ(token, seal(side.gss, protection, {{some_octets(10)}}).token.size());
      EXPECT_EQ(token, seal(side.cfx, protection, {{some_octets(10)}}).token.size());
      EXPECT_EQ(padding, 0u);
    }
}

TEST_P(RoundTrip, objects_can_be_dropped_between_messages) {
  for (const Side& side : sides())
    for (int round = 0; round < 3; ++round) {
      side.cfx.drop_objects();
      side.peer_cfx.drop_objects();
      const std::vector<Piece> pieces{{some_octets(100)}};
      expect_opened(open(side.peer_cfx, seal(side.cfx, Protection::sealed, pieces)), Protection::sealed, pieces);
      EXPECT_TRUE(open(side.peer_cfx, sign(side.cfx, pieces.front().bytes)).complete());
    }
}

}  // namespace

}  // namespace sspid::test
