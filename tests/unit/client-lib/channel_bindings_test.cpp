#include "client-lib/channel_bindings.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "exact.h"
#include "proto/limits.h"
#include "sspi.h"

namespace sspi {
namespace {

using test::Exact;

constexpr std::string_view kData = "tls-server-end-point:0123456789abcdef";

std::string buffer_with(SEC_CHANNEL_BINDINGS header, std::string_view behind) {
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes += behind;
  return bytes;
}

std::string usual_buffer() {
  SEC_CHANNEL_BINDINGS header{};
  header.cbApplicationDataLength = static_cast<ULONG>(kData.size());
  header.dwApplicationDataOffset = sizeof header;
  return buffer_with(header, kData);
}

bool parses(const std::string& bytes) {
  return parse_channel_bindings(Exact(bytes.data(), bytes.size()).span()).has_value();
}

TEST(ChannelBindings, finds_the_pieces_by_their_offsets) {
  SEC_CHANNEL_BINDINGS header{};
  header.dwInitiatorAddrType = 2;
  header.cbInitiatorLength = 3;
  header.dwInitiatorOffset = sizeof header + 4;
  header.dwAcceptorAddrType = 7;
  header.cbAcceptorLength = 4;
  header.dwAcceptorOffset = sizeof header;
  const std::string bytes = buffer_with(header, "acptini");
  const Exact exact(bytes.data(), bytes.size());
  const auto bindings = parse_channel_bindings(exact.span());
  ASSERT_TRUE(bindings);
  EXPECT_EQ(bindings->initiator_type, 2u);
  EXPECT_EQ(bindings->acceptor_type, 7u);
  const auto text = [](std::span<const std::byte> s) {
    return std::string(reinterpret_cast<const char*>(s.data()), s.size());
  };
  EXPECT_EQ(text(bindings->initiator), "ini");
  EXPECT_EQ(text(bindings->acceptor), "acpt");
  EXPECT_TRUE(bindings->application.empty());
}

TEST(ChannelBindings, refuses_every_truncation) {
  const std::string whole = usual_buffer();
  ASSERT_TRUE(parses(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) EXPECT_FALSE(parses(whole.substr(0, length))) << length;
  EXPECT_TRUE(parses(whole + '\0'));
}

TEST(ChannelBindings, refuses_offsets_and_lengths_that_overflow) {
  constexpr ULONG kMax = std::numeric_limits<ULONG>::max();
  const std::string whole = usual_buffer();
  for (ULONG SEC_CHANNEL_BINDINGS::*const offset :
       {&SEC_CHANNEL_BINDINGS::dwInitiatorOffset, &SEC_CHANNEL_BINDINGS::dwAcceptorOffset,
        &SEC_CHANNEL_BINDINGS::dwApplicationDataOffset}) {
    for (const ULONG value : {static_cast<ULONG>(whole.size()), kMax, kMax - 1}) {
      SEC_CHANNEL_BINDINGS header{};
      header.cbInitiatorLength = header.cbAcceptorLength = header.cbApplicationDataLength = 2;
      header.*offset = value;
      EXPECT_FALSE(parses(buffer_with(header, kData)));
    }
  }
  SEC_CHANNEL_BINDINGS header{};
  header.cbApplicationDataLength = kMax;
  header.dwApplicationDataOffset = 1;
  EXPECT_FALSE(parses(buffer_with(header, kData)));
}

TEST(ChannelBindings, gives_nothing_no_place) {
  SEC_CHANNEL_BINDINGS header{};
  header.dwInitiatorOffset = 0xFFFFFFFF;
  EXPECT_TRUE(parses(buffer_with(header, "")));
}

TEST(ChannelBindings, bounds_what_the_pieces_have_together) {
  const std::string large(proto::kMaxBindings, 'x');
  SEC_CHANNEL_BINDINGS header{};
  header.cbApplicationDataLength = static_cast<ULONG>(large.size());
  header.dwApplicationDataOffset = sizeof header;
  EXPECT_TRUE(parses(buffer_with(header, large)));
  header.cbInitiatorLength = 1;
  EXPECT_FALSE(parses(buffer_with(header, large)));
}

TEST(ChannelBindings, reads_a_buffer_that_is_not_aligned) {
  const std::string bytes = '\0' + usual_buffer();
  const Exact exact(bytes.data(), bytes.size());
  EXPECT_TRUE(parse_channel_bindings(exact.span().subspan(1)));
}

}  // namespace
}  // namespace sspi
