#include "client-lib/sec_buffers.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace sspi {
namespace {

SecBufferDesc describe(std::span<SecBuffer> buffers) {
  return {.ulVersion = SECBUFFER_VERSION, .cBuffers = static_cast<ULONG>(buffers.size()), .pBuffers = buffers.data()};
}

SecBuffer buffer(ULONG type, std::string& text) {
  return {.cbBuffer = static_cast<ULONG>(text.size()), .BufferType = type, .pvBuffer = text.data()};
}

std::string joined(std::span<const iovec> parts) {
  std::string all;
  for (const iovec& part : parts) all.append(static_cast<const char*>(part.iov_base), part.iov_len);
  return all;
}

TEST(SecBuffers, no_descriptor_is_one_without_buffers) {
  const SecBuffers none(nullptr);
  EXPECT_TRUE(none.valid());
  EXPECT_EQ(none.first(SECBUFFER_TOKEN), nullptr);
}

TEST(SecBuffers, refuse_another_version_and_a_count_without_an_array) {
  std::array<SecBuffer, 1> one{};
  SecBufferDesc other = describe(one);
  other.ulVersion = 1;
  EXPECT_FALSE(SecBuffers(&other).valid());
  EXPECT_EQ(SecBuffers(&other).first(SECBUFFER_EMPTY), nullptr);
  SecBufferDesc missing{.ulVersion = 0, .cBuffers = 1, .pBuffers = nullptr};
  EXPECT_FALSE(SecBuffers(&missing).valid());
  SecBufferDesc empty{.ulVersion = 0, .cBuffers = 0, .pBuffers = nullptr};
  EXPECT_TRUE(SecBuffers(&empty).valid());
}

TEST(SecBuffers, find_the_first_of_a_type_whatever_its_attributes) {
  std::string a = "a", b = "b", c = "c";
  std::array buffers{buffer(SECBUFFER_DATA, a), buffer(SECBUFFER_TOKEN | SECBUFFER_READONLY, b),
                     buffer(SECBUFFER_TOKEN, c)};
  SecBufferDesc descriptor = describe(buffers);
  EXPECT_EQ(SecBuffers(&descriptor).first(SECBUFFER_TOKEN), &buffers[1]);
  EXPECT_EQ(SecBuffers(&descriptor).first(SECBUFFER_PADDING), nullptr);
}

TEST(MessageData, keeps_order_and_tells_sealed_from_covered) {
  std::string a = "aa", b = "bbb", c = "c", d = "dddd";
  std::array buffers{buffer(SECBUFFER_DATA, a), buffer(SECBUFFER_DATA | SECBUFFER_READONLY, b),
                     buffer(SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, c), buffer(SECBUFFER_DATA, d)};
  SecBufferDesc descriptor = describe(buffers);
  const MessageData data{SecBuffers(&descriptor)};
  ASSERT_EQ(data.refusal(), SEC_E_OK);
  EXPECT_EQ(joined(data.parts()), "aacdddd");
  EXPECT_EQ(joined(data.writable_parts()), "aadddd");
  EXPECT_EQ(data.size(), 7u);
  EXPECT_EQ(data.writable_size(), 6u);
  ASSERT_EQ(data.segments().size(), 3u);
  EXPECT_EQ(data.segments()[1].kind(), proto::SegmentKind::SignOnly);
  EXPECT_EQ(data.segments()[2].length(), 4u);
}

TEST(MessageData, shrinks_the_writable_buffers_in_order) {
  std::string a = "aaaa", b = "bb", c = "cccc";
  std::array buffers{buffer(SECBUFFER_DATA, a), buffer(SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, b),
                     buffer(SECBUFFER_DATA, c)};
  SecBufferDesc descriptor = describe(buffers);
  const MessageData data{SecBuffers(&descriptor)};
  data.shrink(5);
  EXPECT_EQ(buffers[0].cbBuffer, 4u);
  EXPECT_EQ(buffers[1].cbBuffer, 2u);
  EXPECT_EQ(buffers[2].cbBuffer, 1u);
}

TEST(MessageData, wipes_what_it_may_write_and_nothing_else) {
  std::string a = "aa", b = "bb", c = "cc";
  std::array buffers{buffer(SECBUFFER_DATA, a), buffer(SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, b),
                     buffer(SECBUFFER_TOKEN, c)};
  SecBufferDesc descriptor = describe(buffers);
  MessageData{SecBuffers(&descriptor)}.wipe();
  EXPECT_EQ(a, std::string(2, '\0'));
  EXPECT_EQ(b, "bb");
  EXPECT_EQ(c, "cc");
}

TEST(MessageData, needs_a_data_buffer_with_a_pointer) {
  std::string token = "t";
  std::array only_token{buffer(SECBUFFER_TOKEN, token)};
  SecBufferDesc descriptor = describe(only_token);
  EXPECT_EQ(MessageData{SecBuffers(&descriptor)}.refusal(), SEC_E_INVALID_TOKEN);
  std::array<SecBuffer, 1> no_pointer{{{.cbBuffer = 1, .BufferType = SECBUFFER_DATA, .pvBuffer = nullptr}}};
  descriptor = describe(no_pointer);
  EXPECT_EQ(MessageData{SecBuffers(&descriptor)}.refusal(), SEC_E_INVALID_TOKEN);
  no_pointer[0].cbBuffer = 0;
  EXPECT_EQ(MessageData{SecBuffers(&descriptor)}.refusal(), SEC_E_OK);
}

TEST(MessageData, bounds_size_and_number_of_buffers) {
  char memory = 0;
  // Only lengths are looked at: nothing of the memory is touched.
  std::array<SecBuffer, 2> large{
      {{static_cast<ULONG>(proto::kMaxMessage), SECBUFFER_DATA, &memory}, {0, SECBUFFER_DATA, &memory}}};
  SecBufferDesc descriptor = describe(large);
  EXPECT_EQ(MessageData{SecBuffers(&descriptor)}.refusal(), SEC_E_OK);
  large[1].cbBuffer = 1;
  EXPECT_EQ(MessageData{SecBuffers(&descriptor)}.refusal(), SEC_E_INVALID_PARAMETER);
  large[1].cbBuffer = 0xFFFFFFFF;
  EXPECT_EQ(MessageData{SecBuffers(&descriptor)}.refusal(), SEC_E_INVALID_PARAMETER);

  std::vector<SecBuffer> many(proto::kMaxSegments, {1, SECBUFFER_DATA, &memory});
  descriptor = describe(many);
  EXPECT_EQ(MessageData{SecBuffers(&descriptor)}.refusal(), SEC_E_OK);
  many.push_back(many.front());
  descriptor = describe(many);
  EXPECT_EQ(MessageData{SecBuffers(&descriptor)}.refusal(), SEC_E_INVALID_PARAMETER);
}

}  // namespace
}  // namespace sspi
