#include "client-lib/sasl.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <mutex>
#include <utility>

#include "client-lib/fork.h"
#include "client-lib/text.h"
#include "client-lib/time_stamp.h"
#include "proto/limits.h"

namespace sspi {

namespace {

using Bytes = std::span<const std::byte>;

/// Sizes in the negotiation have 24 bits.
constexpr std::size_t kLayerHeader = 4;

/// More than any package puts around so short a message.
constexpr std::size_t kMaxHeader = 512;

// The negotiation's messages are short; a longer one is nonsense, and is not copied.
constexpr std::size_t kMaxLayerMessage = kLayerHeader + proto::kMaxName + 2 * kMaxHeader;

static_assert(ASC_REQ_CONFIDENTIALITY == ISC_REQ_CONFIDENTIALITY);

std::vector<std::byte> layer_message(std::uint8_t layers, std::uint32_t size, std::string_view authz) {
  std::vector<std::byte> message(kLayerHeader + authz.size());
  message[0] = std::byte{layers};
  for (std::size_t i = 1; i < kLayerHeader; ++i) message[i] = static_cast<std::byte>(size >> (24 - 8 * i));
  if (!authz.empty()) std::memcpy(message.data() + kLayerHeader, authz.data(), authz.size());
  return message;
}

std::uint32_t size_in(Bytes message) {
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint32_t>(message[i]); };
  return at(1) << 16 | at(2) << 8 | at(3);
}

SECURITY_STATUS wrap(PCtxtHandle context, std::vector<std::byte> message, std::vector<std::byte>& token) {
  std::array<std::byte, kMaxHeader> header{}, padding{};
  SecBuffer buffers[] = {{kMaxHeader, SECBUFFER_TOKEN, header.data()},
                         {static_cast<ULONG>(message.size()), SECBUFFER_DATA, message.data()},
                         {kMaxHeader, SECBUFFER_PADDING, padding.data()}};
  SecBufferDesc description{SECBUFFER_VERSION, 3, buffers};
  const SECURITY_STATUS status = EncryptMessage(context, SECQOP_WRAP_NO_ENCRYPT, &description, 0);
  if (status != SEC_E_OK) return status;
  token.clear();
  for (const SecBuffer& buffer : buffers) {
    const auto* bytes = static_cast<const std::byte*>(buffer.pvBuffer);
    token.insert(token.end(), bytes, bytes + buffer.cbBuffer);
  }
  return SEC_E_OK;
}

SECURITY_STATUS unwrap(PCtxtHandle context, Bytes token, std::vector<std::byte>& message) {
  if (token.empty() || token.size() > kMaxLayerMessage)
    return failed(SEC_E_INVALID_TOKEN, "the peer's message about the security layer is empty or too long");
  std::vector<std::byte> copy(token.begin(), token.end());
  SecBuffer buffers[] = {{static_cast<ULONG>(copy.size()), SECBUFFER_STREAM, copy.data()},
                         {0, SECBUFFER_DATA, nullptr}};
  SecBufferDesc description{SECBUFFER_VERSION, 2, buffers};
  const SECURITY_STATUS status = DecryptMessage(context, &description, 0, nullptr);
  // SASL's protocols carry whole messages: nothing more will come.
  if (status == SEC_E_INCOMPLETE_MESSAGE) return SEC_E_INVALID_TOKEN;
  if (status != SEC_E_OK) return status;
  const auto* bytes = static_cast<const std::byte*>(buffers[1].pvBuffer);
  message.assign(bytes, bytes + buffers[1].cbBuffer);
  return SEC_E_OK;
}

/// The layers that satisfy what was asked for. Asking for one is insisting on it: SSPI has no flag to say "if possible"
/// that whoever sits between the two could not turn into "no".
std::uint8_t acceptable(bool confidentiality, bool integrity) {
  if (confidentiality) return kPrivacyLayer;
  if (integrity) return kIntegrityLayer | kPrivacyLayer;
  return kNoLayer | kIntegrityLayer | kPrivacyLayer;
}

/// The attributes tell of the layer from now on, not of what the context could do.
ULONG attributes_with(ULONG attributes, std::uint8_t layer, ULONG confidentiality, ULONG integrity) {
  attributes &= ~(confidentiality | integrity);
  if (layer == kPrivacyLayer) attributes |= confidentiality | integrity;
  if (layer == kIntegrityLayer) attributes |= integrity;
  return attributes;
}

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

const SaslProfile* find_profile(std::string_view name) {
  for (const SaslProfile& profile : kSaslProfiles)
    if (same_name(profile.name, name)) return &profile;
  return nullptr;
}

bool negotiates_layer(const Credential& credential) {
  for (const SaslProfile& profile : kSaslProfiles)
    if (same_name(profile.package, credential.package)) return profile.negotiates_layer;
  return true;
}

std::optional<std::span<const std::byte>> sasl_input(PSecBufferDesc input) {
  const SecBuffers buffers(input);
  if (!buffers.valid()) return std::nullopt;
  const SecBuffer* token = buffers.first(SECBUFFER_TOKEN);
  return token == nullptr ? Bytes() : contents(*token);
}

SECURITY_STATUS answer_offer(PCtxtHandle context, Bytes offer, SaslState& state, std::vector<std::byte>& answer) {
  std::vector<std::byte> message;
  if (const SECURITY_STATUS status = unwrap(context, offer, message); status != SEC_E_OK) return status;
  if (message.size() != kLayerHeader)
    return failed(SEC_E_INVALID_TOKEN, "the server's offer of security layers is malformed");
  const bool confidentiality = (state.requirements & ISC_REQ_CONFIDENTIALITY) != 0;
  const bool integrity = (state.requirements & ISC_REQ_INTEGRITY) != 0;
  const auto offered = std::to_integer<std::uint8_t>(message[0]);
  // No more than was asked for: a program that asked for nothing will not protect its messages.
  const std::uint8_t layer = confidentiality ? kPrivacyLayer : integrity ? kIntegrityLayer : kNoLayer;
  if ((offered & layer) == 0)
    return failed(SEC_E_SECURITY_QOS_FAILED, "the server does not offer the security layer that was asked for");
  state.send_size = layer == kNoLayer ? 0 : std::min(state.send_size, size_in(message));
  state.attributes = attributes_with(state.attributes, layer, ISC_RET_CONFIDENTIALITY, ISC_RET_INTEGRITY);
  return wrap(context, layer_message(layer, layer == kNoLayer ? 0 : state.recv_size, state.authz), answer);
}

SECURITY_STATUS make_offer(PCtxtHandle context, SaslState& state, std::vector<std::byte>& offer) {
  const bool can_seal = (state.attributes & ASC_RET_CONFIDENTIALITY) != 0;
  const bool can_sign = can_seal || (state.attributes & ASC_RET_INTEGRITY) != 0;
  const auto possible =
      static_cast<std::uint8_t>(kNoLayer | (can_sign ? kIntegrityLayer : 0) | (can_seal ? kPrivacyLayer : 0));
  state.layers = possible & acceptable((state.requirements & ASC_REQ_CONFIDENTIALITY) != 0,
                                       (state.requirements & ASC_REQ_INTEGRITY) != 0);
  if (state.layers == 0)
    return failed(SEC_E_SECURITY_QOS_FAILED, "the client's context has no protection as strong as is demanded");
  return wrap(context, layer_message(state.layers, state.layers == kNoLayer ? 0 : state.recv_size, {}), offer);
}

SECURITY_STATUS check_choice(PCtxtHandle context, Bytes choice, SaslState& state) {
  std::vector<std::byte> message;
  if (const SECURITY_STATUS status = unwrap(context, choice, message); status != SEC_E_OK) return status;
  if (message.size() < kLayerHeader)
    return failed(SEC_E_INVALID_TOKEN, "the client's choice of a security layer is malformed");
  const auto layer = std::to_integer<std::uint8_t>(message[0]);
  if (!std::has_single_bit(layer) || (layer & state.layers) == 0)
    return failed(SEC_E_SECURITY_QOS_FAILED, "the client chose a security layer that was not offered");
  const std::string_view authz(reinterpret_cast<const char*>(message.data()) + kLayerHeader,
                               message.size() - kLayerHeader);
  if (!authz.empty() && !state.authz_allowed)
    return failed(SEC_E_ALGORITHM_MISMATCH, "the client wants to act as somebody else, which is forbidden");
  if (!is_utf8(authz) || authz.find('\0') != std::string_view::npos || authz.size() > proto::kMaxName)
    return failed(SEC_E_INVALID_TOKEN, "the client's authorization identity is no well-formed text");
  state.authz = authz;
  state.send_size = layer == kNoLayer ? 0 : std::min(state.send_size, size_in(message));
  state.attributes = attributes_with(state.attributes, layer, ASC_RET_CONFIDENTIALITY, ASC_RET_INTEGRITY);
  return SEC_E_OK;
}

SECURITY_STATUS deliver(SaslState& state, const SaslOutputs& outputs, std::vector<std::byte> token,
                        SECURITY_STATUS success) {
  const auto length = static_cast<ULONG>(token.size());
  if (!outputs.allocate && capacity(outputs.token) < length) {
    outputs.token->cbBuffer = length;
    state.token = std::move(token);
    state.after_delivery = success == SEC_E_OK ? SaslState::Stage::done : SaslState::Stage::choice;
    state.stage = SaslState::Stage::undelivered;
    return failed(SEC_E_BUFFER_TOO_SMALL, "the token is longer than the TOKEN buffer; cbBuffer tells how long");
  }
  ContextBuffer memory = outputs.allocate && length != 0 ? ContextBuffer(length) : ContextBuffer();
  if (outputs.allocate) outputs.token->pvBuffer = memory.hand_out();
  if (length != 0) std::memcpy(outputs.token->pvBuffer, token.data(), length);
  outputs.token->cbBuffer = length;
  state.stage = success == SEC_E_OK ? SaslState::Stage::done : SaslState::Stage::choice;
  if (outputs.attributes != nullptr) {
    *outputs.attributes = state.attributes & ~ULONG{ISC_RET_ALLOCATED_MEMORY};
    if (outputs.allocate) *outputs.attributes |= ISC_RET_ALLOCATED_MEMORY;
  }
  if (outputs.expiry != nullptr) *outputs.expiry = state.expiry;
  return success;
}

SECURITY_STATUS deliver_again(SaslState& state, const SaslOutputs& outputs) {
  const SECURITY_STATUS success = state.after_delivery == SaslState::Stage::done ? SEC_E_OK : SEC_I_CONTINUE_NEEDED;
  return deliver(state, outputs, std::exchange(state.token, {}), success);
}

SECURITY_STATUS finish(const SaslOutputs& outputs, SECURITY_STATUS status) {
  if (SEC_SUCCESS(status) || status == SEC_E_BUFFER_TOO_SMALL) return status;
  if (outputs.attributes != nullptr) *outputs.attributes = 0;
  write_time(0, outputs.expiry);
  if (outputs.token == nullptr) return status;
  outputs.token->cbBuffer = 0;
  if (outputs.allocate) outputs.token->pvBuffer = nullptr;
  return status;
}

SaslStateInUse::SaslStateInUse(const SecHandle* handle) {
  auto context = find_context(handle);
  if (!context) return;
  const std::lock_guard lock(locks().handles);
  if (!context->sasl) return;
  state_ = *context->sasl;
  context_ = std::move(context);
}

SaslStateInUse::~SaslStateInUse() {
  if (!context_) return;
  const std::lock_guard lock(locks().handles);
  *context_->sasl = std::move(state_);
}

void SaslStateInUse::begin(const SecHandle* handle, SaslState state) {
  const auto context = find_context(handle);
  auto kept = std::make_unique<SaslState>(std::move(state));
  const std::lock_guard lock(locks().handles);
  if (context) context->sasl = std::move(kept);
}

}  // namespace sspi
