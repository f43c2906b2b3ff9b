#include <algorithm>

#include "client-lib/c_boundary.h"
#include "client-lib/exchange.h"
#include "client-lib/handles.h"
#include "client-lib/package_info.h"
#include "client-lib/time_stamp.h"
#include "client-lib/token.h"

namespace sspi {

namespace {

/// What a reply holds: the attribute's table, and behind it the key where one was asked for.
struct Value {
  const proto::QueryContextAttributesReply& reply;
  std::span<const std::byte> payload;
};

/// The block of a member, or nothing when the reply lacks it. Blocks are handed out once all of a structure are there.
template <class Form>
std::optional<ContextBuffer> block(const flatbuffers::String* text) {
  return text == nullptr ? std::nullopt : string_block<Form>(text->string_view());
}

template <class Form, class Structure>
bool fill_text(const Value& value, void* buffer, typename Form::Char* Structure::*member) {
  const auto* text = value.reply.value_as_Text();
  auto string = text == nullptr ? std::nullopt : block<Form>(text->text());
  if (!string) return false;
  static_cast<Structure*>(buffer)->*member = string->template hand_out<typename Form::Char>();
  return true;
}

template <class Structure, class Member>
bool fill_number(const Value& value, void* buffer, Member Structure::*member) {
  const auto* number = value.reply.value_as_Number();
  if (number == nullptr) return false;
  static_cast<Structure*>(buffer)->*member = static_cast<Member>(number->value());
  return true;
}

bool fill_sizes(const Value& value, void* buffer) {
  const auto* sizes = value.reply.value_as_Sizes();
  if (sizes == nullptr) return false;
  *static_cast<SecPkgContext_Sizes*>(buffer) = {.cbMaxToken = sizes->max_token(),
                                                .cbMaxSignature = sizes->max_signature(),
                                                .cbBlockSize = sizes->block_size(),
                                                .cbSecurityTrailer = sizes->security_trailer()};
  return true;
}

bool fill_stream_sizes(const Value& value, void* buffer) {
  const auto* sizes = value.reply.value_as_StreamSizes();
  if (sizes == nullptr) return false;
  *static_cast<SecPkgContext_StreamSizes*>(buffer) = {.cbHeader = sizes->header(),
                                                      .cbTrailer = sizes->trailer(),
                                                      .cbMaximumMessage = sizes->maximum_message(),
                                                      .cBuffers = sizes->buffers(),
                                                      .cbBlockSize = sizes->block_size()};
  return true;
}

bool fill_lifespan(const Value& value, void* buffer) {
  const auto* lifespan = value.reply.value_as_Lifespan();
  if (lifespan == nullptr) return false;
  *static_cast<SecPkgContext_Lifespan*>(buffer) = {.tsStart = to_time_stamp(lifespan->start()),
                                                   .tsExpiry = to_time_stamp(lifespan->expiry())};
  return true;
}

bool fill_password_expiry(const Value& value, void* buffer) {
  const auto* time = value.reply.value_as_Time();
  if (time == nullptr) return false;
  static_cast<SecPkgContext_PasswordExpiry*>(buffer)->tsPasswordExpires = to_time_stamp(time->value());
  return true;
}

bool fill_logoff_time(const Value& value, void* buffer) {
  const auto* time = value.reply.value_as_Time();
  if (time == nullptr) return false;
  static_cast<SecPkgContext_LogoffTime*>(buffer)->tsLogoffTime = to_time_stamp(time->value());
  return true;
}

bool fill_session_key(const Value& value, void* buffer) {
  const auto* key = value.reply.value_as_SessionKeyValue();
  if (key == nullptr || key->length() != value.payload.size() || value.payload.empty()) return false;
  ContextBuffer bytes(value.payload.size());
  std::memcpy(bytes.get(), value.payload.data(), value.payload.size());
  *static_cast<SecPkgContext_SessionKey*>(buffer) = {.SessionKeyLength = key->length(),
                                                     .SessionKey = bytes.hand_out<unsigned char>()};
  return true;
}

bool fill_flags(const Value& value, void* buffer) { return fill_number(value, buffer, &SecPkgContext_Flags::Flags); }

bool fill_token_status(const Value& value, void* buffer) {
  return fill_number(value, buffer, &SecPkgContext_LastClientTokenStatus::LastClientTokenStatus);
}

bool fill_nego_packages(const Value& value, void* buffer) {
  return fill_number(value, buffer, &SecPkgContext_NegoPackageInfo::PackageMask);
}

bool fill_nego_status(const Value& value, void* buffer) {
  return fill_number(value, buffer, &SecPkgContext_NegoStatus::LastStatus);
}

template <class Form>
bool fill_names(const Value& value, void* buffer) {
  return fill_text<Form>(value, buffer, &Form::Names::sUserName);
}

template <class Form>
bool fill_authority(const Value& value, void* buffer) {
  return fill_text<Form>(value, buffer, &Form::Authority::sAuthorityName);
}

bool fill_target(const Value& value, void* buffer) {
  return fill_text<Wide>(value, buffer, &SecPkgContext_ClientSpecifiedTarget::sTargetName);
}

template <class Form>
bool fill_native_names(const Value& value, void* buffer) {
  const auto* names = value.reply.value_as_NativeNames();
  if (names == nullptr) return false;
  auto client = block<Form>(names->client());
  auto server = block<Form>(names->server());
  if (!client || !server) return false;
  *static_cast<typename Form::NativeNames*>(buffer) = {.sClientName = client->template hand_out<typename Form::Char>(),
                                                       .sServerName = server->template hand_out<typename Form::Char>()};
  return true;
}

template <class Form>
bool fill_key_info(const Value& value, void* buffer) {
  const auto* info = value.reply.value_as_KeyInfo();
  if (info == nullptr) return false;
  auto signature = block<Form>(info->signature_algorithm_name());
  auto encrypt = block<Form>(info->encrypt_algorithm_name());
  if (!signature || !encrypt) return false;
  *static_cast<typename Form::KeyInfo*>(buffer) = {
      .sSignatureAlgorithmName = signature->template hand_out<typename Form::Char>(),
      .sEncryptAlgorithmName = encrypt->template hand_out<typename Form::Char>(),
      .KeySize = info->key_size(),
      .SignatureAlgorithm = info->signature_algorithm(),
      .EncryptAlgorithm = info->encrypt_algorithm()};
  return true;
}

template <class Form>
bool fill_proto_info(const Value& value, void* buffer) {
  const auto* info = value.reply.value_as_ProtoInfo();
  auto name = info == nullptr ? std::nullopt : block<Form>(info->name());
  if (!name) return false;
  *static_cast<typename Form::ProtoInfo*>(buffer) = {.sProtocolName = name->template hand_out<typename Form::Char>(),
                                                     .majorVersion = info->major(),
                                                     .minorVersion = info->minor()};
  return true;
}

template <class Form>
typename Form::PkgInfo* package(const proto::NegotiationInfo* info) {
  if (info == nullptr || info->package() == nullptr) return nullptr;
  auto described = package_block<Form>(std::array{info->package()});
  return described ? described->template hand_out<typename Form::PkgInfo>() : nullptr;
}

template <class Form>
bool fill_package_info(const Value& value, void* buffer) {
  auto* described = package<Form>(value.reply.value_as_NegotiationInfo());
  if (described == nullptr) return false;
  static_cast<typename Form::PackageInfo*>(buffer)->PackageInfo = described;
  return true;
}

template <class Form>
bool fill_negotiation_info(const Value& value, void* buffer) {
  const auto* info = value.reply.value_as_NegotiationInfo();
  auto* described = package<Form>(info);
  if (described == nullptr) return false;
  *static_cast<typename Form::NegotiationInfo*>(buffer) = {.PackageInfo = described, .NegotiationState = info->state()};
  return true;
}

/// An attribute: how large the caller's structure is and what fills it. False: the reply is not what was asked for.
struct Attribute {
  ULONG number;
  std::size_t size;
  bool (*fill)(const Value& value, void* buffer);
};

template <class Form>
constexpr Attribute kAttributes[] = {
    {SECPKG_ATTR_SIZES, sizeof(SecPkgContext_Sizes), fill_sizes},
    {SECPKG_ATTR_NAMES, sizeof(typename Form::Names), fill_names<Form>},
    {SECPKG_ATTR_LIFESPAN, sizeof(SecPkgContext_Lifespan), fill_lifespan},
    {SECPKG_ATTR_STREAM_SIZES, sizeof(SecPkgContext_StreamSizes), fill_stream_sizes},
    {SECPKG_ATTR_KEY_INFO, sizeof(typename Form::KeyInfo), fill_key_info<Form>},
    {SECPKG_ATTR_AUTHORITY, sizeof(typename Form::Authority), fill_authority<Form>},
    {SECPKG_ATTR_PROTO_INFO, sizeof(typename Form::ProtoInfo), fill_proto_info<Form>},
    {SECPKG_ATTR_PASSWORD_EXPIRY, sizeof(SecPkgContext_PasswordExpiry), fill_password_expiry},
    {SECPKG_ATTR_SESSION_KEY, sizeof(SecPkgContext_SessionKey), fill_session_key},
    {SECPKG_ATTR_PACKAGE_INFO, sizeof(typename Form::PackageInfo), fill_package_info<Form>},
    {SECPKG_ATTR_NEGOTIATION_INFO, sizeof(typename Form::NegotiationInfo), fill_negotiation_info<Form>},
    {SECPKG_ATTR_NATIVE_NAMES, sizeof(typename Form::NativeNames), fill_native_names<Form>},
    {SECPKG_ATTR_FLAGS, sizeof(SecPkgContext_Flags), fill_flags},
    {SECPKG_ATTR_LOGOFF_TIME, sizeof(SecPkgContext_LogoffTime), fill_logoff_time},
    {SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, sizeof(SecPkgContext_ClientSpecifiedTarget), fill_target},
    {SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, sizeof(SecPkgContext_LastClientTokenStatus), fill_token_status},
    {SECPKG_ATTR_NEGO_PKG_INFO, sizeof(SecPkgContext_NegoPackageInfo), fill_nego_packages},
    {SECPKG_ATTR_NEGO_STATUS, sizeof(SecPkgContext_NegoStatus), fill_nego_status},
};

// The one attribute that the library makes itself.
SECURITY_STATUS query_access_token(Context& context, void* buffer, std::optional<ULONG> size) {
  if (size && *size < sizeof(SecPkgContext_AccessToken))
    return failed(SEC_E_BUFFER_TOO_SMALL, "the buffer is shorter than the attribute's structure");
  HANDLE token = nullptr;
  const SECURITY_STATUS status = access_token(context, token);
  if (status == SEC_E_OK) static_cast<SecPkgContext_AccessToken*>(buffer)->AccessToken = token;
  return status;
}

// `size` is the caller's structure; nothing where the call has no argument for it.
template <class Form>
SECURITY_STATUS query(PCtxtHandle handle, ULONG number, void* buffer, std::optional<ULONG> size) {
  const ContextInUse context(handle);
  if (!context) return context.refusal();
  if (buffer == nullptr) return failed(SEC_E_INVALID_PARAMETER, "pBuffer is NULL");
  if (number == SECPKG_ATTR_ACCESS_TOKEN) return query_access_token(*context, buffer, size);
  const auto* const end = std::end(kAttributes<Form>);
  const auto* const attribute =
      std::find_if(std::begin(kAttributes<Form>), end, [&](const Attribute& each) { return each.number == number; });
  if (attribute != end && size && *size < attribute->size)
    return failed(SEC_E_BUFFER_TOO_SMALL, "the buffer is shorter than the attribute's structure");

  // An attribute that is unknown here is for the daemon to refuse: it also knows whether the context is complete.
  TableBuilder builder;
  const auto table = builder.finish(proto::CreateQueryContextAttributesRequest(builder, &context->id, number));
  Answer answer;
  const proto::QueryContextAttributesReply* reply = nullptr;
  const SECURITY_STATUS status =
      ask(*context->session, {.opcode = proto::Opcode::QueryContextAttributes, .table = table}, {}, answer, reply);
  if (status != SEC_E_OK) return status;
  if (const SECURITY_STATUS refusal = status_of(*reply); refusal != SEC_E_OK) return refusal;
  if (attribute == end) return failed(SEC_E_UNSUPPORTED_FUNCTION, "libsspi does not know this attribute");
  return attribute->fill({*reply, answer.reply.payload}, buffer) ? SEC_E_OK : nonsense(answer);
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS QueryContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer) {
  return sspi::c_boundary([&] { return sspi::query<sspi::Wide>(phContext, ulAttribute, pBuffer, std::nullopt); });
}

SECURITY_STATUS QueryContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer) {
  return sspi::c_boundary([&] { return sspi::query<sspi::Ansi>(phContext, ulAttribute, pBuffer, std::nullopt); });
}

SECURITY_STATUS QueryContextAttributesExW(PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer, ULONG cbBuffer) {
  return sspi::c_boundary([&] { return sspi::query<sspi::Wide>(phContext, ulAttribute, pBuffer, cbBuffer); });
}

SECURITY_STATUS QueryContextAttributesExA(PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer, ULONG cbBuffer) {
  return sspi::c_boundary([&] { return sspi::query<sspi::Ansi>(phContext, ulAttribute, pBuffer, cbBuffer); });
}
