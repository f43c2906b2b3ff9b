#include "sasl_peer.h"

namespace sspid::test {

namespace {

SecBuffer buffer_of(Bytes& bytes) { return {static_cast<ULONG>(bytes.size()), SECBUFFER_TOKEN, bytes.data()}; }

}  // namespace

Leg SaslInitiator::step(Bytes token) {
  SecBuffer in = buffer_of(token);
  SecBufferDesc input{SECBUFFER_VERSION, 1, &in};
  SecBuffer out{0, SECBUFFER_TOKEN, nullptr};
  SecBufferDesc output{SECBUFFER_VERSION, 1, &out};
  std::u16string target = wide(options_.target);
  const bool first = !exists_;
  const SECURITY_STATUS status = SaslInitializeSecurityContextW(
      credential_.get(), first ? nullptr : &handle_, reinterpret_cast<LPWSTR>(target.data()),
      options_.requirements | ISC_REQ_ALLOCATE_MEMORY, 0, SECURITY_NATIVE_DREP, first ? nullptr : &input, 0, &handle_,
      &output, &attributes_, &expiry_);
  Leg leg = finish(status, out);
  if (first && exists_ && !options_.authz.empty())
    must("SaslSetContextOption", SaslSetContextOption(&handle_, SASL_OPTION_AUTHZ_STRING, options_.authz.data(),
                                                      static_cast<ULONG>(options_.authz.size())));
  return leg;
}

Leg SaslAcceptor::step(Bytes token) {
  SecBuffer in = buffer_of(token);
  SecBufferDesc input{SECBUFFER_VERSION, 1, &in};
  SecBuffer out{0, SECBUFFER_TOKEN, nullptr};
  SecBufferDesc output{SECBUFFER_VERSION, 1, &out};
  const bool first = !exists_;
  const SECURITY_STATUS status = SaslAcceptSecurityContext(
      credential_.get(), first ? nullptr : &handle_, &input, options_.requirements | ASC_REQ_ALLOCATE_MEMORY,
      SECURITY_NATIVE_DREP, &handle_, &output, &attributes_, &expiry_);
  Leg leg = finish(status, out);
  if (first && exists_)
    must("SaslSetContextOption", SaslSetContextOption(&handle_, SASL_OPTION_AUTHZ_PROCESSING, &options_.processing,
                                                      sizeof options_.processing));
  return leg;
}

std::string SaslAcceptor::authz() {
  ULONG needed = 0;
  (void)SaslGetContextOption(&handle_, SASL_OPTION_AUTHZ_STRING, nullptr, 0, &needed);
  std::string text(needed, '\0');
  must("SaslGetContextOption", SaslGetContextOption(&handle_, SASL_OPTION_AUTHZ_STRING, text.data(), needed, &needed));
  return std::string(text.c_str());
}

ULONG sasl_number(SspiContext& context, ULONG option) {
  ULONG value = 0, needed = 0;
  must("SaslGetContextOption", SaslGetContextOption(context.get(), option, &value, sizeof value, &needed));
  return value;
}

}  // namespace sspid::test
