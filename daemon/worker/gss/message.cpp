#include "daemon/worker/gss/message.h"

#include <cstring>

#include <gssapi/gssapi_ext.h>

#include "daemon/worker/gss/handle.h"

namespace sspid::worker::gss {

namespace {

gss_iov_buffer_desc iov(OM_uint32 type, std::span<std::byte> bytes) { return {type, {bytes.size(), bytes.data()}}; }

/// HEADER, the parts, PADDING. The PADDING element is never left out: MIT aborts the process when RC4 or DES3 need one
/// that is not there (E-085).
class Iov {
 public:
  Iov(std::span<std::byte> header, std::span<const Part> parts, std::span<std::byte> padding) {
    elements_.reserve(parts.size() + 2);
    elements_.push_back(iov(GSS_IOV_BUFFER_TYPE_HEADER, header));
    for (const Part& part : parts)
      elements_.push_back(iov(part.sign_only ? GSS_IOV_BUFFER_TYPE_SIGN_ONLY : GSS_IOV_BUFFER_TYPE_DATA, part.bytes));
    elements_.push_back(iov(GSS_IOV_BUFFER_TYPE_PADDING, padding));
  }
  [[nodiscard]] gss_iov_buffer_desc* data() { return elements_.data(); }
  [[nodiscard]] int count() const { return static_cast<int>(elements_.size()); }
  [[nodiscard]] std::size_t header_length() const { return elements_.front().buffer.length; }
  [[nodiscard]] std::size_t padding_length() const { return elements_.back().buffer.length; }

 private:
  std::vector<gss_iov_buffer_desc> elements_;
};

constexpr std::size_t kCfxHeader = 16;
constexpr std::byte kSealedFlag{0x02};

bool is_cfx_wrap(std::span<const std::byte> token) {
  return token.size() >= kCfxHeader && token[0] == std::byte{0x05} && token[1] == std::byte{0x04};
}

std::size_t big_endian(std::span<const std::byte> token, std::size_t at) {
  return (std::to_integer<std::size_t>(token[at]) << 8) | std::to_integer<std::size_t>(token[at + 1]);
}

}  // namespace

MessageStatus sign(gss_ctx_id_t context, std::span<const std::byte> message, Sealed& token) {
  MessageStatus status;
  gss_buffer_desc input = borrow(message);
  Buffer made;
  status.major = gss_get_mic(&status.minor, context, GSS_C_QOP_DEFAULT, &input, made.out());
  if (GSS_ERROR(status.major)) return status;
  if (made.size() > kTokenRoom) return {GSS_S_FAILURE, 0};
  token.token_length = made.size();
  std::memcpy(token.token.data(), made.bytes().data(), made.size());
  return status;
}

MessageStatus verify(gss_ctx_id_t context, std::span<const std::byte> message, std::span<const std::byte> token) {
  MessageStatus status;
  gss_buffer_desc input = borrow(message), signature = borrow(token);
  status.major = gss_verify_mic(&status.minor, context, &input, &signature, nullptr);
  return status;
}

MessageStatus sealed_lengths(gss_ctx_id_t context, bool encrypt, std::span<const Part> parts, std::size_t& token,
                             std::size_t& padding) {
  MessageStatus status;
  Iov elements({}, parts, {});
  int encrypted = 0;
  status.major = gss_wrap_iov_length(&status.minor, context, encrypt, GSS_C_QOP_DEFAULT, &encrypted, elements.data(),
                                     elements.count());
  token = elements.header_length();
  padding = elements.padding_length();
  return status;
}

MessageStatus seal(gss_ctx_id_t context, bool encrypt, std::span<const Part> parts, Sealed& sealed) {
  MessageStatus status;
  if (sealed.token_length > kTokenRoom || sealed.padding_length > kTokenRoom) return {GSS_S_FAILURE, 0};
  Iov elements(std::span(sealed.token).first(sealed.token_length), parts,
               std::span(sealed.padding).first(sealed.padding_length));
  int encrypted = 0;
  status.major =
      gss_wrap_iov(&status.minor, context, encrypt, GSS_C_QOP_DEFAULT, &encrypted, elements.data(), elements.count());
  // A mechanism that cannot encrypt says so only in the result: nothing may leave in clear that was to be sealed.
  if (!GSS_ERROR(status.major) && encrypt && !encrypted) return {GSS_S_BAD_QOP, 0};
  sealed.token_length = elements.header_length();
  sealed.padding_length = elements.padding_length();
  return status;
}

MessageStatus open_split(gss_ctx_id_t context, std::span<std::byte> token, std::span<const Part> parts,
                         std::span<std::byte> padding, bool& encrypted) {
  MessageStatus status;
  Iov elements(token, parts, padding);
  int confidential = 0;
  status.major = gss_unwrap_iov(&status.minor, context, &confidential, nullptr, elements.data(), elements.count());
  encrypted = confidential != 0;
  return status;
}

MessageStatus open_stream(gss_ctx_id_t context, std::span<std::byte> token, std::span<std::byte>& plaintext,
                          bool& encrypted) {
  MessageStatus status;
  gss_iov_buffer_desc elements[2] = {iov(GSS_IOV_BUFFER_TYPE_STREAM, token), iov(GSS_IOV_BUFFER_TYPE_DATA, {})};
  int confidential = 0;
  status.major = gss_unwrap_iov(&status.minor, context, &confidential, nullptr, elements, 2);
  encrypted = confidential != 0;
  if (!GSS_ERROR(status.major))
    plaintext = {static_cast<std::byte*>(elements[1].buffer.value), elements[1].buffer.length};
  return status;
}

// RFC 4121 4.2.6.2: EC at offset 4, RRC at 6. gss_wrap_iov rotates by all that stands behind the payload, so that
// header and trailer together make up the token; plain gss_wrap leaves RRC 0.
bool is_split_layout(std::span<const std::byte> token, bool dce_style) {
  if (dce_style) return true;
  if (!is_cfx_wrap(token)) return false;
  const bool sealed = (token[2] & kSealedFlag) != std::byte{0};
  const std::size_t confounder = sealed ? 16 : 0;
  return big_endian(token, 6) != 0 && token.size() == kCfxHeader + confounder + big_endian(token, 6);
}

}  // namespace sspid::worker::gss
