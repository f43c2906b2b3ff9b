#include "client-lib/c_boundary.h"
#include "client-lib/sasl.h"

namespace sspi {

namespace {

using Stage = SaslState::Stage;

struct Arguments {
  PCredHandle credential;
  PCtxtHandle context;
  PSecBufferDesc input;
  ULONG requirements;
  ULONG data_representation;
  PCtxtHandle new_context;
  PSecBufferDesc output;
  ULONG* attributes;
  PTimeStamp expiry;
};

SaslOutputs outputs_of(const Arguments& arguments, SecBuffer* token) {
  return {.token = token,
          .allocate = (arguments.requirements & ASC_REQ_ALLOCATE_MEMORY) != 0,
          .attributes = arguments.attributes,
          .expiry = arguments.expiry};
}

SECURITY_STATUS offer_leg(PCtxtHandle context, SaslState& state, const SaslOutputs& outputs) {
  std::vector<std::byte> offer;
  if (const SECURITY_STATUS status = make_offer(context, state, offer); status != SEC_E_OK) {
    state.stage = Stage::failed;
    return finish(outputs, status);
  }
  return deliver(state, outputs, std::move(offer), SEC_I_CONTINUE_NEEDED);
}

// RFC 4752, section 3.2: a token of the context is answered by nothing before the layers are offered; where there is
// none, the offer goes at once.
SECURITY_STATUS token_leg(const Arguments& arguments, SaslState& state, const SaslOutputs& outputs) {
  ULONG attributes = 0;
  TimeStamp expiry{};
  const ULONG room = capacity(outputs.token);
  const SECURITY_STATUS status = AcceptSecurityContext(arguments.credential, arguments.context, arguments.input,
                                                       arguments.requirements, arguments.data_representation,
                                                       arguments.new_context, arguments.output, &attributes, &expiry);
  if (arguments.attributes != nullptr) *arguments.attributes = attributes;
  if (arguments.expiry != nullptr) *arguments.expiry = expiry;
  if (status != SEC_E_OK) return status;
  state.attributes = attributes;
  state.expiry = expiry;
  state.stage = state.negotiates_layer ? Stage::empty_response : Stage::done;
  if (!state.negotiates_layer) return SEC_E_OK;
  if (outputs.token->cbBuffer != 0) return SEC_I_CONTINUE_NEEDED;
  outputs.token->cbBuffer = room;
  return offer_leg(arguments.new_context, state, outputs);
}

SECURITY_STATUS first(const Arguments& arguments, const SaslOutputs& outputs) {
  SaslState state;
  const auto credential = find_credential(arguments.credential);
  state.negotiates_layer = credential && negotiates_layer(*credential);
  state.requirements = arguments.requirements;
  const SECURITY_STATUS status = token_leg(arguments, state, outputs);
  if (state.stage == Stage::failed && arguments.new_context != nullptr) {
    DeleteSecurityContext(arguments.new_context);
    SecInvalidateHandle(arguments.new_context);
    return status;
  }
  // An offer that did not fit waits in a context that is there already: the call is repeated with its handle.
  if (SEC_SUCCESS(status) || state.stage == Stage::undelivered)
    SaslStateInUse::begin(arguments.new_context, std::move(state));
  return status;
}

SECURITY_STATUS choice_leg(const Arguments& arguments, SaslState& state, const SaslOutputs& outputs,
                           std::span<const std::byte> choice) {
  if (const SECURITY_STATUS status = check_choice(arguments.context, choice, state); status != SEC_E_OK) {
    state.stage = Stage::failed;
    return status;
  }
  return deliver(state, outputs, {}, SEC_E_OK);
}

SECURITY_STATUS layer_leg(const Arguments& arguments, SaslState& state, const SaslOutputs& outputs) {
  if (arguments.new_context == nullptr) return failed(SEC_E_INVALID_HANDLE, "phNewContext is NULL");
  const auto input = sasl_input(arguments.input);
  if (!input) return failed(SEC_E_INVALID_TOKEN, "the SecBufferDesc is malformed");
  *arguments.new_context = *arguments.context;
  if (state.stage == Stage::undelivered) return deliver_again(state, outputs);
  if (state.stage == Stage::choice) return choice_leg(arguments, state, outputs, *input);
  if (input->empty()) return offer_leg(arguments.context, state, outputs);
  state.stage = Stage::failed;
  return failed(SEC_E_INVALID_TOKEN, "the client answers the last token of the context with more than nothing");
}

SECURITY_STATUS later(const Arguments& arguments, const SaslOutputs& outputs) {
  SaslStateInUse state(arguments.context);
  if (!state) return finish(outputs, unknown_handle());
  switch (state->stage) {
    case Stage::tokens:
      return token_leg(arguments, *state, outputs);
    case Stage::empty_response:
    case Stage::choice:
    case Stage::undelivered:
      return finish(outputs, layer_leg(arguments, *state, outputs));
    case Stage::failed:
      return finish(outputs, failed(SEC_E_INVALID_TOKEN, "the negotiation of the security layer has failed"));
    default:
      return finish(outputs, failed(SEC_E_UNSUPPORTED_FUNCTION, "the negotiation is finished already"));
  }
}

SECURITY_STATUS sasl_accept(const Arguments& arguments) {
  const SecBuffers output(arguments.output);
  const SaslOutputs outputs = outputs_of(arguments, output.valid() ? output.first(SECBUFFER_TOKEN) : nullptr);
  if (arguments.context == nullptr && arguments.new_context != nullptr) SecInvalidateHandle(arguments.new_context);
  if (outputs.token == nullptr) return finish(outputs, failed(SEC_E_INVALID_TOKEN, "the output has no TOKEN buffer"));
  return arguments.context == nullptr ? first(arguments, outputs) : later(arguments, outputs);
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS SaslAcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext, PSecBufferDesc pInput,
                                          ULONG fContextReq, ULONG TargetDataRep, PCtxtHandle phNewContext,
                                          PSecBufferDesc pOutput, ULONG* pfContextAttr, PTimeStamp ptsExpiry) {
  return sspi::c_boundary([&] {
    return sspi::sasl_accept(
        {phCredential, phContext, pInput, fContextReq, TargetDataRep, phNewContext, pOutput, pfContextAttr, ptsExpiry});
  });
}
