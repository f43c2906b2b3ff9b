// The header of a frame, its limits, and the tables behind it: round trips, every truncation, lies about lengths.
#include "proto/frame.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "proto/limits.h"

namespace sspid::proto {
namespace {

using Header = std::array<std::byte, kHeaderSize>;

TEST(Frame, header_has_the_documented_bytes) {
  const FrameHeader header{.table = 0x04030201,
                           .payload = 0x00C0B0A0,
                           .request = 0xFEDCBA98,
                           .opcode = Opcode::DecryptMessage,
                           .flags = kReplyFlag};
  const std::array<unsigned, kHeaderSize> expected{0x01, 0x02, 0x03, 0x04, 0xA0, 0xB0, 0xC0, 0x00,
                                                   0x98, 0xBA, 0xDC, 0xFE, 51,   0,    1,    0};
  const Header bytes = encode_header(header);
  for (std::size_t i = 0; i < kHeaderSize; ++i)
    EXPECT_EQ(std::to_integer<unsigned>(bytes[i]), expected[i]) << "byte " << i;
}

TEST(Frame, every_header_comes_back_as_it_went) {
  std::mt19937_64 random{20240229};
  for (int round = 0; round < 10'000; ++round) {
    const FrameHeader header{.table = static_cast<std::uint32_t>(random()),
                             .payload = static_cast<std::uint32_t>(random()),
                             .request = static_cast<std::uint32_t>(random()),
                             .opcode = static_cast<Opcode>(random() & 0xFFFF),
                             .flags = static_cast<std::uint16_t>(random())};
    ASSERT_EQ(decode_header(encode_header(header)), header);
  }
}

TEST(Frame, lengths_are_allowed_up_to_their_limits_and_not_beyond) {
  const auto allowed = [](std::size_t table, std::size_t payload) {
    return within_limits({.table = static_cast<std::uint32_t>(table), .payload = static_cast<std::uint32_t>(payload)});
  };
  EXPECT_TRUE(allowed(0, 0));
  EXPECT_TRUE(allowed(kMaxTable, kMaxPayload));
  EXPECT_FALSE(allowed(kMaxTable + 1, 0));
  EXPECT_FALSE(allowed(0, kMaxPayload + 1));
  EXPECT_FALSE(allowed(0xFFFFFFFF, 0xFFFFFFFF));
}

TEST(Frame, body_of_the_largest_lengths_does_not_wrap_around) {
  EXPECT_EQ((FrameHeader{.table = 0xFFFFFFFF, .payload = 0xFFFFFFFF}.body()), std::size_t{0x1FFFFFFFE});
}

TEST(Frame, a_message_with_its_token_fits_a_payload) { EXPECT_GE(kMaxPayload, kMaxMessage + kMaxToken); }

TEST(Frame, only_the_two_calls_that_free_are_one_way) {
  for (const Opcode opcode : EnumValuesOpcode())
    EXPECT_EQ(is_one_way(opcode), opcode == Opcode::FreeCredentialsHandle || opcode == Opcode::DeleteSecurityContext)
        << EnumNameOpcode(opcode);
}

// The largest of the four: numbers, and as much text as a message reply may carry.
template <class Reply>
std::size_t size_of_largest() {
  Reply reply;
  reply.status = -1;
  reply.detail.assign(kMaxMessageDetail, 'x');
  if constexpr (requires { reply.token; }) {
    reply.token = 0xFFFFFFFF;
    reply.padding = 0xFFFFFFFF;
  }
  if constexpr (requires { reply.missing; }) {
    reply.qop = 0xFFFFFFFF;
    reply.missing = 0xFFFFFFFF;
  }
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(Reply::TableType::Pack(builder, &reply));
  return builder.GetSize();
}

TEST(Frame, replies_with_a_fixed_table_fit_it) {
  EXPECT_TRUE(has_fixed_reply_table(Opcode::MakeSignature));
  EXPECT_LE(size_of_largest<MakeSignatureReplyT>(), kMessageReplyTable);
  EXPECT_TRUE(has_fixed_reply_table(Opcode::VerifySignature));
  EXPECT_LE(size_of_largest<VerifySignatureReplyT>(), kMessageReplyTable);
  EXPECT_TRUE(has_fixed_reply_table(Opcode::EncryptMessage));
  EXPECT_LE(size_of_largest<EncryptMessageReplyT>(), kMessageReplyTable);
  EXPECT_TRUE(has_fixed_reply_table(Opcode::DecryptMessage));
  EXPECT_LE(size_of_largest<DecryptMessageReplyT>(), kMessageReplyTable);
  EXPECT_FALSE(has_fixed_reply_table(Opcode::InitializeSecurityContext));
}

std::vector<std::uint8_t> initialize_request() {
  InitializeSecurityContextRequestT request;
  request.credential = std::make_unique<Handle>(7, 0x1122334455667788);
  request.target = "HTTP/www.example.test";
  request.requirements = 0x1003E;
  request.bindings = std::make_unique<ChannelBindingsT>();
  request.bindings->application = {1, 2, 3};
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(InitializeSecurityContextRequest::Pack(builder, &request));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

bool verifies(const std::vector<std::uint8_t>& table) {
  flatbuffers::Verifier verifier(table.data(), table.size());
  return verifier.VerifyBuffer<InitializeSecurityContextRequest>(nullptr);
}

InitializeSecurityContextRequestT unpacked(const std::vector<std::uint8_t>& table) {
  InitializeSecurityContextRequestT request;
  flatbuffers::GetRoot<InitializeSecurityContextRequest>(table.data())->UnPackTo(&request);
  return request;
}

TEST(Table, comes_back_as_it_went) {
  const std::vector<std::uint8_t> bytes = initialize_request();
  ASSERT_TRUE(verifies(bytes));
  const auto* request = flatbuffers::GetRoot<InitializeSecurityContextRequest>(bytes.data());
  EXPECT_EQ(request->credential()->id(), 7u);
  EXPECT_EQ(request->credential()->tag(), 0x1122334455667788u);
  EXPECT_EQ(request->context(), nullptr);
  EXPECT_EQ(request->target()->str(), "HTTP/www.example.test");
  EXPECT_EQ(request->bindings()->application()->size(), 3u);
}

TEST(Table, zeros_behind_it_change_nothing) {
  std::vector<std::uint8_t> bytes = initialize_request();
  bytes.resize(kMessageReplyTable);
  EXPECT_TRUE(verifies(bytes));
}

// Memory of exactly the truncated size: AddressSanitizer sees a read behind it. Only padding can go unnoticed.
TEST(Table, no_truncation_is_read_behind_its_end) {
  const std::vector<std::uint8_t> whole = initialize_request();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<std::uint8_t> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    if (verifies(part)) {
      EXPECT_GT(size + sizeof(std::uint64_t), whole.size());
      EXPECT_EQ(unpacked(part).target, "HTTP/www.example.test");
    }
  }
}

TEST(Table, changed_bytes_are_refused_or_harmless) {
  const std::vector<std::uint8_t> whole = initialize_request();
  std::mt19937 random{4711};
  std::size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::uint8_t> changed = whole;
    for (int change = 0; change < 3; ++change) changed[random() % changed.size()] = static_cast<std::uint8_t>(random());
    if (!verifies(changed)) {
      ++refused;
      continue;
    }
    // What verifies must be readable to its last byte.
    EXPECT_LE(unpacked(changed).target.size(), whole.size());
  }
  EXPECT_GT(refused, 0u);
}

TEST(Table, an_empty_one_is_refused) { EXPECT_FALSE(verifies({})); }

}  // namespace
}  // namespace sspid::proto
