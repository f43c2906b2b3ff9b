// The SASL functions: which mechanism of SASL is which package, and for GSSAPI the negotiation of the security layer
// behind the context's tokens (RFC 4752). Everything is done with the library's own functions on the context.
#pragma once

#include <array>
#include <string_view>

#include "client-lib/handles.h"
#include "client-lib/package_info.h"
#include "client-lib/sec_buffers.h"

namespace sspi {

struct SaslProfile {
  std::string_view name;
  std::string_view package;
  bool negotiates_layer;
};

inline constexpr std::array<SaslProfile, 3> kSaslProfiles{
    {{"GSSAPI", "Kerberos", true}, {"GSS-SPNEGO", "Negotiate", false}, {"NTLM", "NTLM", false}}};

/// Letters of either case, as in the names of packages. Null: there is no such profile.
[[nodiscard]] const SaslProfile* find_profile(std::string_view name);

/// Whether a security layer is negotiated on contexts of these credentials: unless another profile is known to be
/// meant.
[[nodiscard]] bool negotiates_layer(const Credential& credential);

/// Where the results of a call go.
struct SaslOutputs {
  SecBuffer* token;  ///< null: the caller gave none, and nothing can be delivered
  bool allocate;
  ULONG* attributes;
  PTimeStamp expiry;
};

/// The input's TOKEN, also an empty one where there is none. Nothing where the descriptor is malformed.
[[nodiscard]] std::optional<std::span<const std::byte>> sasl_input(PSecBufferDesc input);

/// A client's answer to the server's layers, a server's offer, and its look at the client's choice. They call the
/// message functions on the context.
[[nodiscard]] SECURITY_STATUS answer_offer(PCtxtHandle context, std::span<const std::byte> offer, SaslState& state,
                                           std::vector<std::byte>& answer);
[[nodiscard]] SECURITY_STATUS make_offer(PCtxtHandle context, SaslState& state, std::vector<std::byte>& offer);
[[nodiscard]] SECURITY_STATUS check_choice(PCtxtHandle context, std::span<const std::byte> choice, SaslState& state);

/// Puts a token of the layer into the caller's buffer and returns `success`. Where it does not fit, it is kept for the
/// next call: SEC_E_BUFFER_TOO_SMALL.
[[nodiscard]] SECURITY_STATUS deliver(SaslState& state, const SaslOutputs& outputs, std::vector<std::byte> token,
                                      SECURITY_STATUS success);
[[nodiscard]] SECURITY_STATUS deliver_again(SaslState& state, const SaslOutputs& outputs);

/// The end of a call that did more than pass a token of the context: a failed one leaves nothing in its outputs.
[[nodiscard]] SECURITY_STATUS finish(const SaslOutputs& outputs, SECURITY_STATUS status);

/// The state of a context, taken for the time of a call and stored back when that ends. Empty: the handle names no
/// context, or one that no Sasl function has begun.
class SaslStateInUse {
 public:
  explicit SaslStateInUse(const SecHandle* handle);
  ~SaslStateInUse();
  SaslStateInUse(const SaslStateInUse&) = delete;
  SaslStateInUse& operator=(const SaslStateInUse&) = delete;

  [[nodiscard]] explicit operator bool() const { return context_ != nullptr; }
  SaslState* operator->() { return &state_; }
  SaslState& operator*() { return state_; }

  /// Gives a context that has none a state.
  static void begin(const SecHandle* handle, SaslState state);

 private:
  std::shared_ptr<Context> context_;
  SaslState state_;
};

}  // namespace sspi
