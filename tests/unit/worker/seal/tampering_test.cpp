// Messages that somebody changed on their way: refused, and in the words that libgssapi has for them.
#include <gtest/gtest.h>

#include "daemon/worker/gss/status.h"
#include "messages.h"

namespace sspid::test {

namespace {

namespace gss = worker::gss;
using worker::seal::Cfx;

/// The mechglue of libgssapi replaces some minor codes, 0 among them, by numbers of its own.
OM_uint32 canonical(OM_uint32 minor) { return gss::is_renumbered(minor) ? 0 : minor; }

SECURITY_STATUS mapped(const gss::MessageStatus& status, const Message& message) {
  const gss::Call call = message.layout == Layout::mic ? gss::Call::verify_mic : gss::Call::unwrap;
  return gss::status_of(call, status.major, status.minor,
                        {.token = message.token, .stream = message.layout == Layout::stream});
}

class Tampering : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    ends_ = establish({.enctype = GetParam()});
    engine_ = engine_on_copy_of(ends_.acceptor, ends_.flags);
  }

  /// One of each kind, short, none of which was received yet.
  std::vector<Message> messages() {
    const std::vector<Piece> pieces{{some_octets(5)}, {some_octets(3), true}, {some_octets(20)}};
    std::vector<Message> all;
    for (const Protection protection : {Protection::sealed, Protection::signed_only}) {
      all.push_back(seal(ends_.initiator.get(), protection, pieces));
      all.push_back(as_stream(seal(ends_.initiator.get(), protection, {{some_octets(25)}})));
      all.push_back(wrap(ends_.initiator.get(), protection, some_octets(25)));
    }
    all.push_back(sign(ends_.initiator.get(), some_octets(25)));
    return all;
  }

  void expect_refused_alike(const Message& message) {
    const Opened theirs = open(ends_.acceptor.get(), message), ours = open(*engine_, message);
    EXPECT_TRUE(GSS_ERROR(ours.status.major)) << describe(ours.status);
    EXPECT_EQ(ours.status.major, theirs.status.major) << describe(ours.status) << " for " << describe(theirs.status);
    EXPECT_EQ(ours.status.minor, canonical(theirs.status.minor));
    EXPECT_EQ(mapped(ours.status, message), mapped(theirs.status, message));
    const bool hands_out = message.layout == Layout::stream && !joined(ours.pieces).empty();
    EXPECT_FALSE(hands_out) << "plaintext of a refused message";
  }

  void expect_accepted(const Message& message) {
    const Opened opened = open(*engine_, message);
    EXPECT_TRUE(opened.complete()) << describe(opened.status);
  }

  Ends ends_;
  std::unique_ptr<Cfx> engine_;
};

INSTANTIATE_TEST_SUITE_P(, Tampering, ::testing::ValuesIn(all_enctypes()), enctype_name);

TEST_P(Tampering, every_changed_bit_is_refused) {
  for (const Message& message : messages()) {
    for (std::size_t i = 0; i < message.size(); ++i)
      for (unsigned bit = 0; bit < 8; ++bit) {
        SCOPED_TRACE("byte " + std::to_string(i) + " bit " + std::to_string(bit));
        Message changed = message;
        changed.at(i) ^= static_cast<std::byte>(1u << bit);
        expect_refused_alike(changed);
      }
    expect_accepted(message);  // what was refused left no trace
  }
}

TEST_P(Tampering, every_truncation_is_refused) {
  for (const Message& message : messages()) {
    // The mechglue asks no mechanism about a MIC that is not there.
    for (std::size_t length = message.layout == Layout::mic; length < message.token.size(); ++length) {
      SCOPED_TRACE(length);
      Message cut = message;
      cut.token.resize(length);
      expect_refused_alike(cut);
    }
    for (std::size_t piece = 0; piece < message.pieces.size(); ++piece)
      for (std::size_t length = 0; length < message.pieces[piece].bytes.size(); ++length) {
        SCOPED_TRACE(length);
        Message cut = message;
        cut.pieces[piece].bytes.resize(length);
        expect_refused_alike(cut);
      }
    expect_accepted(message);
  }
}

TEST_P(Tampering, nothing_is_refused) {
  for (const Layout layout : {Layout::split, Layout::stream, Layout::mic})
    EXPECT_EQ(open(*engine_, Message{layout, {}, {}}).status.major, GSS_S_DEFECTIVE_TOKEN);
}

TEST_P(Tampering, surplus_bytes_are_refused) {
  for (const Message& message : messages())
    for (const std::size_t surplus : {1u, 12u, 16u, 100u}) {
      Message longer = message;
      longer.token.resize(longer.token.size() + surplus);
      expect_refused_alike(longer);
      for (std::size_t piece = 0; piece < message.pieces.size(); ++piece) {
        longer = message;
        longer.pieces[piece].bytes.resize(longer.pieces[piece].bytes.size() + surplus);
        expect_refused_alike(longer);
      }
    }
}

TEST_P(Tampering, pieces_in_another_order_are_refused) {
  Message message = messages().front();
  std::swap(message.pieces[0], message.pieces[1]);
  expect_refused_alike(message);
}

TEST_P(Tampering, a_token_of_another_kind_is_refused) {
  for (Message message : messages()) {
    const Octets whole = as_stream(message).token;
    if (message.layout == Layout::mic) {
      message.layout = Layout::split;
      expect_refused_alike(message);
      expect_refused_alike({Layout::stream, message.token, {}});
      expect_refused_alike({Layout::stream, whole, {}});
    } else {
      message.layout = Layout::mic;
      expect_refused_alike(message);
    }
  }
}

TEST_P(Tampering, a_message_of_our_own_is_refused) {
  for (const Protection protection : {Protection::sealed, Protection::signed_only}) {
    const Message message = seal(*engine_, protection, {{some_octets(20)}});
    expect_refused_alike(message);
    expect_refused_alike(as_stream(message));
  }
  expect_refused_alike(sign(*engine_, some_octets(20)));
}

TEST_P(Tampering, a_message_of_another_context_is_refused) {
  const Ends other = establish({.enctype = GetParam()});
  for (const Protection protection : {Protection::sealed, Protection::signed_only}) {
    const Message message = seal(other.initiator.get(), protection, {{some_octets(20)}});
    expect_refused_alike(message);
    expect_refused_alike(as_stream(message));
  }
  expect_refused_alike(sign(other.initiator.get(), some_octets(20)));
}

// What nobody signed can say anything: every value of the fields that lengths are computed from, at every length.
TEST_P(Tampering, arbitrary_counts_and_lengths_are_refused) {
  const Message message = messages()[1];
  for (std::size_t length = 16; length <= message.token.size(); length += 3)
    for (const unsigned flags : {0x00u, 0x02u, 0x04u, 0x06u})
      for (const unsigned extra : {0u, 1u, 12u, 16u, 24u, 28u, 255u, 0xFFFFu})
        for (const unsigned rotation : {1u, 12u, 27u, 29u, 44u, 0xFFFFu}) {
          Message changed = message;
          changed.token.resize(length);
          changed.token[2] = static_cast<std::byte>(flags);
          changed.token[4] = static_cast<std::byte>(extra >> 8);
          changed.token[5] = static_cast<std::byte>(extra);
          changed.token[6] = static_cast<std::byte>(rotation >> 8);
          changed.token[7] = static_cast<std::byte>(rotation);
          expect_refused_alike(changed);
          expect_refused_alike({Layout::split, changed.token, {{some_octets(10)}}});
        }
}

}  // namespace

}  // namespace sspid::test
