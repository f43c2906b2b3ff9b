#include "sspi_peer.h"

#include <cstdio>
#include <stdexcept>
#include <utility>

#include <sspi_ext.h>

#include "evidence.h"

namespace sspid::test {

namespace {

struct NamedStatus {
  SECURITY_STATUS value;
  const char* name;
};

#define NAMED(status) \
  NamedStatus { static_cast<SECURITY_STATUS>(status), #status }
const NamedStatus kNames[] = {
    NAMED(SEC_E_OK),
    NAMED(SEC_E_INSUFFICIENT_MEMORY),
    NAMED(SEC_E_INVALID_HANDLE),
    NAMED(SEC_E_UNSUPPORTED_FUNCTION),
    NAMED(SEC_E_TARGET_UNKNOWN),
    NAMED(SEC_E_INTERNAL_ERROR),
    NAMED(SEC_E_SECPKG_NOT_FOUND),
    NAMED(SEC_E_NOT_OWNER),
    NAMED(SEC_E_CANNOT_INSTALL),
    NAMED(SEC_E_INVALID_TOKEN),
    NAMED(SEC_E_CANNOT_PACK),
    NAMED(SEC_E_QOP_NOT_SUPPORTED),
    NAMED(SEC_E_NO_IMPERSONATION),
    NAMED(SEC_E_LOGON_DENIED),
    NAMED(SEC_E_UNKNOWN_CREDENTIALS),
    NAMED(SEC_E_NO_CREDENTIALS),
    NAMED(SEC_E_MESSAGE_ALTERED),
    NAMED(SEC_E_OUT_OF_SEQUENCE),
    NAMED(SEC_E_NO_AUTHENTICATING_AUTHORITY),
    NAMED(SEC_I_CONTINUE_NEEDED),
    NAMED(SEC_I_COMPLETE_NEEDED),
    NAMED(SEC_I_COMPLETE_AND_CONTINUE),
    NAMED(SEC_I_LOCAL_LOGON),
    NAMED(SEC_I_GENERIC_EXTENSION_RECEIVED),
    NAMED(SEC_E_BAD_PKGID),
    NAMED(SEC_I_CONTEXT_EXPIRED),
    NAMED(SEC_E_CONTEXT_EXPIRED),
    NAMED(SEC_E_INCOMPLETE_MESSAGE),
    NAMED(SEC_I_INCOMPLETE_CREDENTIALS),
    NAMED(SEC_E_INCOMPLETE_CREDENTIALS),
    NAMED(SEC_I_RENEGOTIATE),
    NAMED(SEC_E_BUFFER_TOO_SMALL),
    NAMED(SEC_E_WRONG_PRINCIPAL),
    NAMED(SEC_I_NO_LSA_CONTEXT),
    NAMED(SEC_E_TIME_SKEW),
    NAMED(SEC_E_UNTRUSTED_ROOT),
    NAMED(SEC_E_ILLEGAL_MESSAGE),
    NAMED(SEC_E_CERT_UNKNOWN),
    NAMED(SEC_E_CERT_EXPIRED),
    NAMED(SEC_E_ENCRYPT_FAILURE),
    NAMED(SEC_E_DECRYPT_FAILURE),
    NAMED(SEC_E_ALGORITHM_MISMATCH),
    NAMED(SEC_E_SECURITY_QOS_FAILED),
    NAMED(SEC_E_UNFINISHED_CONTEXT_DELETED),
    NAMED(SEC_E_NO_TGT_REPLY),
    NAMED(SEC_E_NO_IP_ADDRESSES),
    NAMED(SEC_E_WRONG_CREDENTIAL_HANDLE),
    NAMED(SEC_E_CRYPTO_SYSTEM_INVALID),
    NAMED(SEC_E_MAX_REFERRALS_EXCEEDED),
    NAMED(SEC_E_MUST_BE_KDC),
    NAMED(SEC_E_STRONG_CRYPTO_NOT_SUPPORTED),
    NAMED(SEC_E_TOO_MANY_PRINCIPALS),
    NAMED(SEC_E_NO_PA_DATA),
    NAMED(SEC_E_PKINIT_NAME_MISMATCH),
    NAMED(SEC_E_SMARTCARD_LOGON_REQUIRED),
    NAMED(SEC_E_SHUTDOWN_IN_PROGRESS),
    NAMED(SEC_E_KDC_INVALID_REQUEST),
    NAMED(SEC_E_KDC_UNABLE_TO_REFER),
    NAMED(SEC_E_KDC_UNKNOWN_ETYPE),
    NAMED(SEC_E_UNSUPPORTED_PREAUTH),
    NAMED(SEC_E_DELEGATION_REQUIRED),
    NAMED(SEC_E_BAD_BINDINGS),
    NAMED(SEC_E_MULTIPLE_ACCOUNTS),
    NAMED(SEC_E_NO_KERB_KEY),
    NAMED(SEC_E_CERT_WRONG_USAGE),
    NAMED(SEC_E_DOWNGRADE_DETECTED),
    NAMED(SEC_E_SMARTCARD_CERT_REVOKED),
    NAMED(SEC_E_ISSUING_CA_UNTRUSTED),
    NAMED(SEC_E_REVOCATION_OFFLINE_C),
    NAMED(SEC_E_PKINIT_CLIENT_FAILURE),
    NAMED(SEC_E_SMARTCARD_CERT_EXPIRED),
    NAMED(SEC_E_NO_S4U_PROT_SUPPORT),
    NAMED(SEC_E_CROSSREALM_DELEGATION_FAILURE),
    NAMED(SEC_E_REVOCATION_OFFLINE_KDC),
    NAMED(SEC_E_ISSUING_CA_UNTRUSTED_KDC),
    NAMED(SEC_E_KDC_CERT_EXPIRED),
    NAMED(SEC_E_KDC_CERT_REVOKED),
    NAMED(SEC_I_SIGNATURE_NEEDED),
    NAMED(SEC_E_INVALID_PARAMETER),
    NAMED(SEC_E_DELEGATION_POLICY),
    NAMED(SEC_E_POLICY_NLTM_ONLY),
    NAMED(SEC_I_NO_RENEGOTIATION),
    NAMED(SEC_E_NO_CONTEXT),
    NAMED(SEC_E_PKU2U_CERT_FAILURE),
    NAMED(SEC_E_MUTUAL_AUTH_FAILED),
    NAMED(SEC_I_MESSAGE_FRAGMENT),
    NAMED(SEC_E_ONLY_HTTPS_ALLOWED),
    NAMED(SEC_I_CONTINUE_NEEDED_MESSAGE_OK),
    NAMED(SEC_E_APPLICATION_PROTOCOL_MISMATCH),
    NAMED(SEC_I_ASYNC_CALL_PENDING),
    NAMED(SEC_E_INVALID_UPN_NAME),
    NAMED(SEC_E_EXT_BUFFER_TOO_SMALL),
    NAMED(SEC_E_INSUFFICIENT_BUFFERS),
    NAMED(STATUS_INVALID_HANDLE),
    NAMED(STATUS_INVALID_PARAMETER),
    NAMED(STATUS_BUFFER_TOO_SMALL),
    NAMED(STATUS_PASSWORD_RESTRICTION),
    NAMED(STATUS_LOGON_FAILURE),
    NAMED(STATUS_BAD_BINDINGS),
};
#undef NAMED

std::string take_string(SEC_WCHAR* text) {
  std::string result = narrow(text);
  FreeContextBuffer(text);
  return result;
}

SecBuffer buffer(ULONG type, Bytes& bytes) { return {static_cast<ULONG>(bytes.size()), type, bytes.data()}; }

template <std::size_t n>
SecBufferDesc describe(SecBuffer (&buffers)[n]) {
  return {SECBUFFER_VERSION, n, buffers};
}

// Buffers of exactly the text's size: AddressSanitizer sees a read behind them.
template <class Pointer, class Text>
void point(Pointer& pointer, ULONG& length, Text& text) {
  text.shrink_to_fit();
  pointer = reinterpret_cast<Pointer>(text.data());
  length = static_cast<ULONG>(text.size());
}

template <class Form, class Text>
void fill(Form& form, Text& user, Text& domain, Text& password) {
  point(form.User, form.UserLength, user);
  point(form.Domain, form.DomainLength, domain);
  point(form.Password, form.PasswordLength, password);
  form.Flags = sizeof user[0] == 1 ? SEC_WINNT_AUTH_IDENTITY_ANSI : SEC_WINNT_AUTH_IDENTITY_UNICODE;
}

template <class Form, class Text>
void fill_ex(Form& form, Text& user, Text& domain, Text& password, Text& packages) {
  form.Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
  form.Length = sizeof form;
  fill(form, user, domain, password);
  point(form.PackageList, form.PackageListLength, packages);
}

}  // namespace

std::string status_name(SECURITY_STATUS status) {
  char number[16];
  std::snprintf(number, sizeof number, "0x%08X", static_cast<unsigned>(status));
  for (const NamedStatus& named : kNames)
    if (named.value == status) return std::string(named.name) + " (" + number + ')';
  return number;
}

::testing::AssertionResult same_status(const char* call, const char* /*wanted_text*/, SECURITY_STATUS got,
                                       SECURITY_STATUS wanted) {
  if (got == wanted) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << call << "\n  is     " << status_name(got) << ' ' << SspiGetLastErrorText()
                                       << "\n  wanted " << status_name(wanted);
}

void must(const char* what, SECURITY_STATUS status) {
  if (status < 0)
    throw std::runtime_error(std::string(what) + ": " + status_name(status) + ' ' + SspiGetLastErrorText());
}

bool is_invalidated(const SecHandle& handle) {
  return handle.dwLower == static_cast<ULONG_PTR>(-1) && handle.dwUpper == static_cast<ULONG_PTR>(-1);
}

Identity::Identity(std::string user, std::string domain, std::string password, std::string packages)
    : user_(std::move(user)),
      domain_(std::move(domain)),
      password_(std::move(password)),
      packages_(std::move(packages)),
      wide_user_(wide(user_)),
      wide_domain_(wide(domain_)),
      wide_password_(wide(password_)),
      wide_packages_(wide(packages_)) {
  if (password_ != user_) remember_password(password_);
}

SEC_WINNT_AUTH_IDENTITY_A* Identity::ansi() {
  fill(ansi_, user_, domain_, password_);
  return &ansi_;
}

SEC_WINNT_AUTH_IDENTITY_W* Identity::unicode() {
  fill(unicode_, wide_user_, wide_domain_, wide_password_);
  return &unicode_;
}

SEC_WINNT_AUTH_IDENTITY_EXA* Identity::ansi_ex() {
  fill_ex(ansi_ex_, user_, domain_, password_, packages_);
  return &ansi_ex_;
}

SEC_WINNT_AUTH_IDENTITY_EXW* Identity::unicode_ex() {
  fill_ex(unicode_ex_, wide_user_, wide_domain_, wide_password_, wide_packages_);
  return &unicode_ex_;
}

Credential::Credential(const std::string& package, ULONG use, void* identity, const char* principal) {
  std::u16string wide_package = wide(package);
  std::u16string wide_principal = wide(principal ? principal : "");
  must("AcquireCredentialsHandle",
       AcquireCredentialsHandleW(principal ? wide_principal.data() : nullptr, wide_package.data(), use, nullptr,
                                 identity, nullptr, nullptr, &handle_, &expiry_));
}

Credential::Credential(Credential&& other) noexcept : handle_(other.handle_), expiry_(other.expiry_) {
  SecInvalidateHandle(&other.handle_);
}

Credential::~Credential() { free(); }

void Credential::free() {
  if (!is_invalidated(handle_)) FreeCredentialsHandle(&handle_);
  SecInvalidateHandle(&handle_);
}

std::string Credential::name() {
  SecPkgCredentials_NamesW names{};
  must("QueryCredentialsAttributes", QueryCredentialsAttributesW(&handle_, SECPKG_CRED_ATTR_NAMES, &names));
  return take_string(names.sUserName);
}

Bytes channel_bindings(std::string_view application_data) {
  // No addresses; then length and place of the application data, which follow.
  ByteBuilder block;
  for (int field = 0; field < 6; ++field) block.le(std::uint32_t{0});
  block.le(static_cast<std::uint32_t>(application_data.size())).le(std::uint32_t{sizeof(SEC_CHANNEL_BINDINGS)});
  return block.add(application_data).take();
}

SspiContext::SspiContext() { SecInvalidateHandle(&handle_); }

SspiContext::SspiContext(SspiContext&& other) noexcept
    : handle_(other.handle_),
      exists_(std::exchange(other.exists_, false)),
      status_(other.status_),
      attributes_(other.attributes_),
      expiry_(other.expiry_) {}

SspiContext::~SspiContext() { remove(); }

void SspiContext::remove() {
  if (std::exchange(exists_, false)) DeleteSecurityContext(&handle_);
}

Leg SspiContext::finish(SECURITY_STATUS status, SecBuffer& token) {
  status_ = status;
  exists_ = exists_ || !is_invalidated(handle_);
  Leg leg;
  leg.status = status_name(status) + ' ' + (status < 0 ? SspiGetLastErrorText() : "");
  if (status == SEC_E_OK) leg.state = Leg::State::done;
  if (status == SEC_I_CONTINUE_NEEDED) leg.state = Leg::State::more;
  if (token.cbBuffer > 0) {
    const auto* bytes = static_cast<const std::uint8_t*>(token.pvBuffer);
    leg.token.assign(bytes, bytes + token.cbBuffer);
  }
  FreeContextBuffer(token.pvBuffer);
  return leg;
}

std::string SspiContext::package() {
  const auto info = attribute<SecPkgContext_PackageInfoW>(SECPKG_ATTR_PACKAGE_INFO);
  std::string name = narrow(info.PackageInfo->Name);
  FreeContextBuffer(info.PackageInfo);
  return name;
}

std::string SspiContext::user_name() {
  return take_string(attribute<SecPkgContext_NamesW>(SECPKG_ATTR_NAMES).sUserName);
}

std::string SspiContext::client_name() {
  const auto names = attribute<SecPkgContext_NativeNamesW>(SECPKG_ATTR_NATIVE_NAMES);
  FreeContextBuffer(names.sServerName);
  return take_string(names.sClientName);
}

std::string SspiContext::server_name() {
  const auto names = attribute<SecPkgContext_NativeNamesW>(SECPKG_ATTR_NATIVE_NAMES);
  FreeContextBuffer(names.sClientName);
  return take_string(names.sServerName);
}

Bytes SspiContext::packed(ULONG flags) {
  SecBuffer block{0, SECBUFFER_EMPTY, nullptr};
  must("ExportSecurityContext", ExportSecurityContext(&handle_, flags, &block, nullptr));
  const auto* bytes = static_cast<const std::uint8_t*>(block.pvBuffer);
  Bytes packed(bytes, bytes + block.cbBuffer);
  FreeContextBuffer(block.pvBuffer);
  return packed;
}

Sealed SspiContext::seal(const Bytes& plain, ULONG qop) {
  const SecPkgContext_Sizes room = sizes();
  Sealed message{.token = Bytes(room.cbSecurityTrailer), .data = plain, .padding = Bytes(room.cbBlockSize)};
  SecBuffer buffers[] = {buffer(SECBUFFER_TOKEN, message.token), buffer(SECBUFFER_DATA, message.data),
                         buffer(SECBUFFER_PADDING, message.padding)};
  SecBufferDesc description = describe(buffers);
  must("EncryptMessage", EncryptMessage(&handle_, qop, &description, 0));
  message.token.resize(buffers[0].cbBuffer);
  message.padding.resize(buffers[2].cbBuffer);
  return message;
}

SECURITY_STATUS SspiContext::open(Sealed& message, ULONG* qop) {
  SecBuffer buffers[] = {buffer(SECBUFFER_TOKEN, message.token), buffer(SECBUFFER_DATA, message.data),
                         buffer(SECBUFFER_PADDING, message.padding)};
  SecBufferDesc description = describe(buffers);
  const SECURITY_STATUS status = DecryptMessage(&handle_, &description, 0, qop);
  if (status == SEC_E_OK) message.data.resize(buffers[1].cbBuffer);
  return status;
}

SECURITY_STATUS SspiContext::open_stream(Bytes token, Bytes& plain, ULONG* qop) {
  SecBuffer buffers[] = {buffer(SECBUFFER_STREAM, token), {0, SECBUFFER_DATA, nullptr}};
  SecBufferDesc description = describe(buffers);
  const SECURITY_STATUS status = DecryptMessage(&handle_, &description, 0, qop);
  if (status != SEC_E_OK) return status;
  const auto* bytes = static_cast<const std::uint8_t*>(buffers[1].pvBuffer);
  plain.assign(bytes, bytes + buffers[1].cbBuffer);
  return status;
}

Bytes SspiContext::sign(Bytes message) {
  Bytes signature(sizes().cbMaxSignature);
  SecBuffer buffers[] = {buffer(SECBUFFER_DATA, message), buffer(SECBUFFER_TOKEN, signature)};
  SecBufferDesc description = describe(buffers);
  must("MakeSignature", MakeSignature(&handle_, 0, &description, 0));
  signature.resize(buffers[1].cbBuffer);
  return signature;
}

SECURITY_STATUS SspiContext::verify(Bytes message, Bytes signature) {
  SecBuffer buffers[] = {buffer(SECBUFFER_DATA, message), buffer(SECBUFFER_TOKEN, signature)};
  SecBufferDesc description = describe(buffers);
  ULONG qop = 0;
  return VerifySignature(&handle_, &description, 0, &qop);
}

SspiInitiator::SspiInitiator(Credential& credential, Options options)
    : credential_(credential), options_(std::move(options)) {}

SspiInitiator::SspiInitiator(Credential& credential, std::string target)
    : SspiInitiator(credential, Options{.target = std::move(target), .bindings = {}}) {}

Leg SspiInitiator::step(Bytes token) {
  SecBuffer in[] = {buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_CHANNEL_BINDINGS, options_.bindings)};
  // A token of no bytes is none; bindings of no bytes are none.
  SecBufferDesc input{SECBUFFER_VERSION, options_.bindings.empty() ? 1U : 2U, in};
  if (token.empty()) {
    ++input.pBuffers;
    --input.cBuffers;
  }
  SecBuffer out[] = {{0, SECBUFFER_TOKEN, nullptr}};
  SecBufferDesc output = describe(out);
  std::u16string target = wide(options_.target);
  const SECURITY_STATUS status = InitializeSecurityContextW(
      credential_.get(), exists_ ? &handle_ : nullptr, target.data(), options_.requirements | ISC_REQ_ALLOCATE_MEMORY,
      0, SECURITY_NATIVE_DREP, input.cBuffers ? &input : nullptr, 0, &handle_, &output, &attributes_, &expiry_);
  return finish(status, out[0]);
}

SspiAcceptor::SspiAcceptor(Credential& credential, Options options)
    : credential_(credential), options_(std::move(options)) {}

Leg SspiAcceptor::step(Bytes token) {
  SecBuffer in[] = {buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_CHANNEL_BINDINGS, options_.bindings)};
  SecBufferDesc input{SECBUFFER_VERSION, options_.bindings.empty() ? 1U : 2U, in};
  SecBuffer out[] = {{0, SECBUFFER_TOKEN, nullptr}};
  SecBufferDesc output = describe(out);
  const SECURITY_STATUS status = AcceptSecurityContext(credential_.get(), exists_ ? &handle_ : nullptr, &input,
                                                       options_.requirements | ASC_REQ_ALLOCATE_MEMORY,
                                                       SECURITY_NATIVE_DREP, &handle_, &output, &attributes_, &expiry_);
  return finish(status, out[0]);
}

SspiImported::SspiImported(const std::string& package, Bytes packed) {
  SecBuffer block = buffer(SECBUFFER_EMPTY, packed);
  std::u16string name = wide(package);
  must("ImportSecurityContext", ImportSecurityContextW(name.data(), &block, nullptr, &handle_));
  exists_ = true;
}

}  // namespace sspid::test
