#include "client-lib/c_boundary.h"
#include "client-lib/sasl.h"

namespace sspi {

namespace {

using Stage = SaslState::Stage;

struct Arguments {
  PCredHandle credential;
  PCtxtHandle context;
  ULONG requirements;
  PSecBufferDesc input;
  PCtxtHandle new_context;
  PSecBufferDesc output;
  ULONG* attributes;
  PTimeStamp expiry;
};

// RFC 4752, section 3.1: who wants a layer must ask for mutual authentication and sequence detection. And the layers
// themselves are negotiated in messages with integrity.
ULONG for_the_package(ULONG requirements) {
  constexpr ULONG kLayers = ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY;
  if ((requirements & kLayers) != 0) requirements |= ISC_REQ_MUTUAL_AUTH | ISC_REQ_SEQUENCE_DETECT;
  return (requirements & ~ULONG{ISC_REQ_NO_INTEGRITY}) | ISC_REQ_INTEGRITY;
}

/// A leg of the context itself. `initialize` is InitializeSecurityContext in the caller's form.
template <class Initialize>
SECURITY_STATUS token_leg(const Arguments& arguments, SaslState& state, Initialize&& initialize) {
  ULONG attributes = 0;
  TimeStamp expiry{};
  const ULONG requirements = state.negotiates_layer ? for_the_package(arguments.requirements) : arguments.requirements;
  const SECURITY_STATUS status = initialize(requirements, &attributes, &expiry);
  if (arguments.attributes != nullptr) *arguments.attributes = attributes;
  if (arguments.expiry != nullptr) *arguments.expiry = expiry;
  if (status != SEC_E_OK) return status;
  state.attributes = attributes;
  state.expiry = expiry;
  state.stage = state.negotiates_layer ? Stage::offer : Stage::done;
  // The answer to the server's last token may be empty; it is sent all the same.
  return state.negotiates_layer ? SEC_I_CONTINUE_NEEDED : SEC_E_OK;
}

SaslOutputs outputs_of(const Arguments& arguments, SecBuffer* token) {
  return {.token = token,
          .allocate = (arguments.requirements & ISC_REQ_ALLOCATE_MEMORY) != 0,
          .attributes = arguments.attributes,
          .expiry = arguments.expiry};
}

SECURITY_STATUS layer_leg(const Arguments& arguments, SaslState& state, const SaslOutputs& outputs) {
  if (arguments.new_context == nullptr) return failed(SEC_E_INVALID_HANDLE, "phNewContext is NULL");
  const auto input = sasl_input(arguments.input);
  if (!input) return failed(SEC_E_INVALID_TOKEN, "the SecBufferDesc is malformed");
  *arguments.new_context = *arguments.context;
  if (state.stage == Stage::undelivered) return deliver_again(state, outputs);
  std::vector<std::byte> answer;
  if (const SECURITY_STATUS status = answer_offer(arguments.context, *input, state, answer); status != SEC_E_OK) {
    state.stage = Stage::failed;
    return status;
  }
  return deliver(state, outputs, std::move(answer), SEC_E_OK);
}

template <class Initialize>
SECURITY_STATUS first(const Arguments& arguments, Initialize&& call) {
  SaslState state;
  const auto credential = find_credential(arguments.credential);
  state.negotiates_layer = credential && negotiates_layer(*credential);
  state.requirements = arguments.requirements;
  const SECURITY_STATUS status = token_leg(arguments, state, call);
  if (SEC_SUCCESS(status)) SaslStateInUse::begin(arguments.new_context, std::move(state));
  return status;
}

template <class Initialize>
SECURITY_STATUS later(const Arguments& arguments, const SaslOutputs& outputs, Initialize&& call) {
  SaslStateInUse state(arguments.context);
  if (!state) return finish(outputs, unknown_handle());
  switch (state->stage) {
    case Stage::tokens:
      return token_leg(arguments, *state, call);
    case Stage::offer:
    case Stage::undelivered:
      return finish(outputs, layer_leg(arguments, *state, outputs));
    case Stage::failed:
      return finish(outputs, failed(SEC_E_INVALID_TOKEN, "the negotiation of the security layer has failed"));
    default:
      return finish(outputs, failed(SEC_E_UNSUPPORTED_FUNCTION, "the negotiation is finished already"));
  }
}

template <class Initialize>
SECURITY_STATUS sasl_initialize(const Arguments& arguments, Initialize&& call) {
  const SecBuffers output(arguments.output);
  const SaslOutputs outputs = outputs_of(arguments, output.valid() ? output.first(SECBUFFER_TOKEN) : nullptr);
  if (arguments.context == nullptr && arguments.new_context != nullptr) SecInvalidateHandle(arguments.new_context);
  if (outputs.token == nullptr) return finish(outputs, failed(SEC_E_INVALID_TOKEN, "the output has no TOKEN buffer"));
  return arguments.context == nullptr ? first(arguments, call) : later(arguments, outputs, call);
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS SaslInitializeSecurityContextW(PCredHandle phCredential, PCtxtHandle phContext, LPWSTR pszTargetName,
                                               ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep,
                                               PSecBufferDesc pInput, ULONG Reserved2, PCtxtHandle phNewContext,
                                               PSecBufferDesc pOutput, ULONG* pfContextAttr, PTimeStamp ptsExpiry) {
  const auto call = [&](ULONG requirements, ULONG* attributes, PTimeStamp expiry) {
    return InitializeSecurityContextW(phCredential, phContext, pszTargetName, requirements, Reserved1, TargetDataRep,
                                      pInput, Reserved2, phNewContext, pOutput, attributes, expiry);
  };
  return sspi::c_boundary([&] {
    return sspi::sasl_initialize(
        {phCredential, phContext, fContextReq, pInput, phNewContext, pOutput, pfContextAttr, ptsExpiry}, call);
  });
}

SECURITY_STATUS SaslInitializeSecurityContextA(PCredHandle phCredential, PCtxtHandle phContext, LPSTR pszTargetName,
                                               ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep,
                                               PSecBufferDesc pInput, ULONG Reserved2, PCtxtHandle phNewContext,
                                               PSecBufferDesc pOutput, ULONG* pfContextAttr, PTimeStamp ptsExpiry) {
  const auto call = [&](ULONG requirements, ULONG* attributes, PTimeStamp expiry) {
    return InitializeSecurityContextA(phCredential, phContext, pszTargetName, requirements, Reserved1, TargetDataRep,
                                      pInput, Reserved2, phNewContext, pOutput, attributes, expiry);
  };
  return sspi::c_boundary([&] {
    return sspi::sasl_initialize(
        {phCredential, phContext, fContextReq, pInput, phNewContext, pOutput, pfContextAttr, ptsExpiry}, call);
  });
}
