#include "daemon/worker/ntlm/sealer.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include <openssl/crypto.h>

#include "daemon/worker/gss/duplicate.h"

namespace sspid::worker::ntlm {

namespace {

constexpr gss::MessageStatus kUnavailable{GSS_S_UNAVAILABLE, 0};
constexpr std::size_t kSequenceAt = 12;  // in the signature, [MS-NLMP] 2.2.2.9.1

std::uint32_t sequence_of(std::span<const std::byte> signature) {
  std::uint32_t sequence = 0;
  for (std::size_t i = 4; i-- > 0;)
    sequence = (sequence << 8) | std::to_integer<std::uint32_t>(signature[kSequenceAt + i]);
  return sequence;
}

/// The parts in one piece, in memory that is wiped.
class Joined {
 public:
  explicit Joined(std::span<const gss::Part> parts) {
    std::size_t size = 0;
    for (const gss::Part& part : parts) size += part.bytes.size();
    bytes_.reserve(size);
    for (const gss::Part& part : parts) bytes_.insert(bytes_.end(), part.bytes.begin(), part.bytes.end());
  }
  ~Joined() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }
  Joined(const Joined&) = delete;
  Joined& operator=(const Joined&) = delete;
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace

gss::MessageStatus Sealer::check(std::span<const std::byte> message, std::span<const std::byte> signature) const {
  if (signature.size() != kSignature) return {GSS_S_DEFECTIVE_TOKEN, 0};
  if (message.empty()) return kUnavailable;                            // E-079
  if (sequence_of(signature) != next_) return {GSS_S_UNSEQ_TOKEN, 0};  // E-104
  return {};
}

gss::MessageStatus Sealer::sign(std::span<const std::byte> message, gss::Sealed& token) {
  return message.empty() ? kUnavailable : gss::sign(context_, message, token);
}

gss::MessageStatus Sealer::verify(std::span<const std::byte> message, std::span<const std::byte> token) {
  if (const auto checked = check(message, token); checked.major != GSS_S_COMPLETE) return checked;
  const gss::MessageStatus status = gss::verify(context_, message, token);
  if (!GSS_ERROR(status.major)) next_ += 1;
  return status;
}

gss::MessageStatus Sealer::sealed_lengths(bool, std::span<const gss::Part>, std::size_t& token, std::size_t& padding) {
  token = kSignature;
  padding = 0;
  return {};
}

gss::MessageStatus Sealer::seal(bool encrypt, std::span<const gss::Part> parts, gss::Sealed& sealed) {
  const Joined message(parts);
  sealed.padding_length = 0;
  if (!encrypt) return sign(message.bytes(), sealed);
  // gss_wrap signs what it seals and nothing beside it.
  const bool has_sign_only = std::any_of(parts.begin(), parts.end(), [](const gss::Part& p) { return p.sign_only; });
  if (message.bytes().empty() || has_sign_only) return kUnavailable;

  gss::MessageStatus status;
  gss_buffer_desc input = gss::borrow(message.bytes());
  gss::Buffer output;
  status.major = gss_wrap(&status.minor, context_, 1, GSS_C_QOP_DEFAULT, &input, nullptr, output.out());
  if (GSS_ERROR(status.major)) return status;
  if (output.size() != kSignature + message.bytes().size()) return {GSS_S_FAILURE, 0};
  std::span<const std::byte> rest = output.bytes();
  std::memcpy(sealed.token.data(), rest.data(), kSignature);
  sealed.token_length = kSignature;
  rest = rest.subspan(kSignature);
  for (const gss::Part& part : parts) {
    if (!part.bytes.empty()) std::memcpy(part.bytes.data(), rest.data(), part.bytes.size());
    rest = rest.subspan(part.bytes.size());
  }
  return status;
}

// Reached with parts that are only signed, which gss_unwrap cannot have.
gss::MessageStatus Sealer::open_split(std::span<std::byte>, std::span<const gss::Part>, std::span<std::byte>, bool&) {
  return kUnavailable;
}

gss::MessageStatus Sealer::open_stream(std::span<std::byte> token, std::span<std::byte>& plaintext, bool& encrypted) {
  if (token.size() < kSignature) return {GSS_S_DEFECTIVE_TOKEN, 0};
  const std::span<std::byte> signature = token.first(kSignature);
  const std::span<std::byte> message = token.subspan(kSignature);
  encrypted = confidential_;
  // Whether a message is encrypted does not show in its bytes: what was negotiated decides.
  if (!confidential_) {
    plaintext = message;
    return verify(message, signature);
  }
  if (const auto checked = check(message, signature); checked.major != GSS_S_COMPLETE) return checked;
  gss::MessageStatus status;
  gss_buffer_desc input = gss::borrow(token);
  gss::Buffer output;
  status.major = gss_unwrap(&status.minor, context_, &input, output.out(), nullptr, nullptr);
  if (GSS_ERROR(status.major)) return status;
  if (output.size() != message.size()) return {GSS_S_FAILURE, 0};
  std::memcpy(message.data(), output.bytes().data(), message.size());
  plaintext = message;
  next_ += 1;
  return status;
}

gss::MessageStatus Sealer::copy(gss::Context& own, gss::Context& copied, std::unique_ptr<worker::Sealer>& sealer) {
  const gss::MessageStatus status = gss::duplicate(own, copied);
  context_ = own.get();
  if (!GSS_ERROR(status.major)) sealer = std::make_unique<Sealer>(copied.get(), next_, confidential_);
  return status;
}

}  // namespace sspid::worker::ntlm
