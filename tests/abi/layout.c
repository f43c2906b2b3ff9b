/*
 * Every structure of sspi.h lies in memory as on Windows for x64: size, alignment, and each field's offset and size.
 * Compiled as C99, C11 and C++11, with and without -fshort-wchar. It need not run: it holds if it compiles.
 */
#include <stddef.h>

#include "sspi.h"

#if defined(__cplusplus)
#define HOLDS(condition) static_assert(condition, #condition)
#elif __STDC_VERSION__ >= 201112L
#define HOLDS(condition) _Static_assert(condition, #condition)
#else
#define HOLDS(condition) extern int holds_or_is_negative[(condition) ? 1 : -1]
#endif

#define STRUCT(type, size, alignment) HOLDS(sizeof(type) == (size) && __alignof__(type) == (alignment))
#define FIELD(type, field, offset, size) HOLDS(offsetof(type, field) == (offset) && sizeof(((type*)0)->field) == (size))
#define UNSIGNED(type, size) HOLDS(sizeof(type) == (size) && (type)-1 > 0)
#define SIGNED(type, size) HOLDS(sizeof(type) == (size) && (type)-1 < 0)

/* ---- Base types: ULONG is not C's unsigned long, nor WCHAR its wchar_t ---- */

UNSIGNED(ULONG, 4);
UNSIGNED(DWORD, 4);
UNSIGNED(USHORT, 2);
UNSIGNED(WORD, 2);
UNSIGNED(BOOLEAN, 1);
UNSIGNED(UCHAR, 1);
UNSIGNED(WCHAR, 2);
UNSIGNED(SEC_WCHAR, 2);
UNSIGNED(ULONG_PTR, 8);
SIGNED(LONG, 4);
SIGNED(BOOL, 4);
SIGNED(NTSTATUS, 4);
SIGNED(HRESULT, 4);
SIGNED(SECURITY_STATUS, 4);
HOLDS(sizeof(SEC_CHAR) == 1);
HOLDS(sizeof(HANDLE) == 8);
HOLDS(sizeof(SecDelegationType) == 4);
HOLDS(sizeof(EXTENDED_NAME_FORMAT) == 4);
HOLDS(sizeof(SASL_AUTHZID_STATE) == 4);
HOLDS(sizeof(SECPKG_CRED_CLASS) == 4);

STRUCT(GUID, 16, 4);
FIELD(GUID, Data1, 0, 4);
FIELD(GUID, Data2, 4, 2);
FIELD(GUID, Data3, 6, 2);
FIELD(GUID, Data4, 8, 8);

STRUCT(TimeStamp, 8, 8);
FIELD(TimeStamp, LowPart, 0, 4);
FIELD(TimeStamp, HighPart, 4, 4);
FIELD(TimeStamp, u.LowPart, 0, 4);
FIELD(TimeStamp, u.HighPart, 4, 4);
FIELD(TimeStamp, QuadPart, 0, 8);

STRUCT(SECURITY_STRING, 16, 8);
STRUCT(SEC_WINNT_AUTH_IDENTITY_INFO, 72, 8);

/* ---- Structures ---- */

STRUCT(SecHandle, 16, 8);
FIELD(SecHandle, dwLower, 0, 8);
FIELD(SecHandle, dwUpper, 8, 8);

STRUCT(SecPkgInfoW, 32, 8);
FIELD(SecPkgInfoW, fCapabilities, 0, 4);
FIELD(SecPkgInfoW, wVersion, 4, 2);
FIELD(SecPkgInfoW, wRPCID, 6, 2);
FIELD(SecPkgInfoW, cbMaxToken, 8, 4);
FIELD(SecPkgInfoW, Name, 16, 8);
FIELD(SecPkgInfoW, Comment, 24, 8);

STRUCT(SecPkgInfoA, 32, 8);
FIELD(SecPkgInfoA, fCapabilities, 0, 4);
FIELD(SecPkgInfoA, wVersion, 4, 2);
FIELD(SecPkgInfoA, wRPCID, 6, 2);
FIELD(SecPkgInfoA, cbMaxToken, 8, 4);
FIELD(SecPkgInfoA, Name, 16, 8);
FIELD(SecPkgInfoA, Comment, 24, 8);

STRUCT(SecBuffer, 16, 8);
FIELD(SecBuffer, cbBuffer, 0, 4);
FIELD(SecBuffer, BufferType, 4, 4);
FIELD(SecBuffer, pvBuffer, 8, 8);

STRUCT(SecBufferDesc, 16, 8);
FIELD(SecBufferDesc, ulVersion, 0, 4);
FIELD(SecBufferDesc, cBuffers, 4, 4);
FIELD(SecBufferDesc, pBuffers, 8, 8);

STRUCT(SEC_NEGOTIATION_INFO, 24, 8);
FIELD(SEC_NEGOTIATION_INFO, Size, 0, 4);
FIELD(SEC_NEGOTIATION_INFO, NameLength, 4, 4);
FIELD(SEC_NEGOTIATION_INFO, Name, 8, 8);
FIELD(SEC_NEGOTIATION_INFO, Reserved, 16, 8);

STRUCT(SEC_CHANNEL_BINDINGS, 32, 4);
FIELD(SEC_CHANNEL_BINDINGS, dwInitiatorAddrType, 0, 4);
FIELD(SEC_CHANNEL_BINDINGS, cbInitiatorLength, 4, 4);
FIELD(SEC_CHANNEL_BINDINGS, dwInitiatorOffset, 8, 4);
FIELD(SEC_CHANNEL_BINDINGS, dwAcceptorAddrType, 12, 4);
FIELD(SEC_CHANNEL_BINDINGS, cbAcceptorLength, 16, 4);
FIELD(SEC_CHANNEL_BINDINGS, dwAcceptorOffset, 20, 4);
FIELD(SEC_CHANNEL_BINDINGS, cbApplicationDataLength, 24, 4);
FIELD(SEC_CHANNEL_BINDINGS, dwApplicationDataOffset, 28, 4);

STRUCT(SEC_APPLICATION_PROTOCOL_LIST, 8, 4);
FIELD(SEC_APPLICATION_PROTOCOL_LIST, ProtoNegoExt, 0, 4);
FIELD(SEC_APPLICATION_PROTOCOL_LIST, ProtocolListSize, 4, 2);
FIELD(SEC_APPLICATION_PROTOCOL_LIST, ProtocolList, 6, 1);

STRUCT(SEC_APPLICATION_PROTOCOLS, 12, 4);
FIELD(SEC_APPLICATION_PROTOCOLS, ProtocolListsSize, 0, 4);
FIELD(SEC_APPLICATION_PROTOCOLS, ProtocolLists, 4, 8);

STRUCT(SEC_SRTP_PROTECTION_PROFILES, 4, 2);
FIELD(SEC_SRTP_PROTECTION_PROFILES, ProfilesSize, 0, 2);
FIELD(SEC_SRTP_PROTECTION_PROFILES, ProfilesList, 2, 2);

STRUCT(SEC_SRTP_MASTER_KEY_IDENTIFIER, 2, 1);
FIELD(SEC_SRTP_MASTER_KEY_IDENTIFIER, MasterKeyIdentifierSize, 0, 1);
FIELD(SEC_SRTP_MASTER_KEY_IDENTIFIER, MasterKeyIdentifier, 1, 1);

STRUCT(SEC_TOKEN_BINDING, 6, 2);
FIELD(SEC_TOKEN_BINDING, MajorVersion, 0, 1);
FIELD(SEC_TOKEN_BINDING, MinorVersion, 1, 1);
FIELD(SEC_TOKEN_BINDING, KeyParametersSize, 2, 2);
FIELD(SEC_TOKEN_BINDING, KeyParameters, 4, 1);

STRUCT(SEC_PRESHAREDKEY, 4, 2);
FIELD(SEC_PRESHAREDKEY, KeySize, 0, 2);
FIELD(SEC_PRESHAREDKEY, Key, 2, 1);

STRUCT(SEC_PRESHAREDKEY_IDENTITY, 4, 2);
FIELD(SEC_PRESHAREDKEY_IDENTITY, KeyIdentitySize, 0, 2);
FIELD(SEC_PRESHAREDKEY_IDENTITY, KeyIdentity, 2, 1);

STRUCT(SEC_DTLS_MTU, 2, 2);
FIELD(SEC_DTLS_MTU, PathMTU, 0, 2);

STRUCT(SEC_FLAGS, 8, 8);
FIELD(SEC_FLAGS, Flags, 0, 8);

STRUCT(SEC_TRAFFIC_SECRETS, 400, 4);
FIELD(SEC_TRAFFIC_SECRETS, SymmetricAlgId, 0, 128);
FIELD(SEC_TRAFFIC_SECRETS, ChainingMode, 128, 128);
FIELD(SEC_TRAFFIC_SECRETS, HashAlgId, 256, 128);
FIELD(SEC_TRAFFIC_SECRETS, KeySize, 384, 2);
FIELD(SEC_TRAFFIC_SECRETS, IvSize, 386, 2);
FIELD(SEC_TRAFFIC_SECRETS, MsgSequenceStart, 388, 2);
FIELD(SEC_TRAFFIC_SECRETS, MsgSequenceEnd, 390, 2);
FIELD(SEC_TRAFFIC_SECRETS, TrafficSecretType, 392, 4);
FIELD(SEC_TRAFFIC_SECRETS, TrafficSecretSize, 396, 2);
FIELD(SEC_TRAFFIC_SECRETS, TrafficSecret, 398, 1);

STRUCT(SecPkgCredentials_NamesW, 8, 8);
FIELD(SecPkgCredentials_NamesW, sUserName, 0, 8);

STRUCT(SecPkgCredentials_NamesA, 8, 8);
FIELD(SecPkgCredentials_NamesA, sUserName, 0, 8);

STRUCT(SecPkgCredentials_SSIProviderW, 24, 8);
FIELD(SecPkgCredentials_SSIProviderW, sProviderName, 0, 8);
FIELD(SecPkgCredentials_SSIProviderW, ProviderInfoLength, 8, 4);
FIELD(SecPkgCredentials_SSIProviderW, ProviderInfo, 16, 8);

STRUCT(SecPkgCredentials_SSIProviderA, 24, 8);
FIELD(SecPkgCredentials_SSIProviderA, sProviderName, 0, 8);
FIELD(SecPkgCredentials_SSIProviderA, ProviderInfoLength, 8, 4);
FIELD(SecPkgCredentials_SSIProviderA, ProviderInfo, 16, 8);

STRUCT(SecPkgCredentials_KdcProxySettingsW, 16, 4);
FIELD(SecPkgCredentials_KdcProxySettingsW, Version, 0, 4);
FIELD(SecPkgCredentials_KdcProxySettingsW, Flags, 4, 4);
FIELD(SecPkgCredentials_KdcProxySettingsW, ProxyServerOffset, 8, 2);
FIELD(SecPkgCredentials_KdcProxySettingsW, ProxyServerLength, 10, 2);
FIELD(SecPkgCredentials_KdcProxySettingsW, ClientTlsCredOffset, 12, 2);
FIELD(SecPkgCredentials_KdcProxySettingsW, ClientTlsCredLength, 14, 2);

STRUCT(SecPkgCredentials_Cert, 16, 8);
FIELD(SecPkgCredentials_Cert, EncodedCertSize, 0, 4);
FIELD(SecPkgCredentials_Cert, EncodedCert, 8, 8);

STRUCT(SecPkgContext_SubjectAttributes, 8, 8);
FIELD(SecPkgContext_SubjectAttributes, AttributeInfo, 0, 8);

STRUCT(SecPkgContext_CredInfo, 8, 4);
FIELD(SecPkgContext_CredInfo, CredClass, 0, 4);
FIELD(SecPkgContext_CredInfo, IsPromptingNeeded, 4, 4);

STRUCT(SecPkgContext_NegoPackageInfo, 4, 4);
FIELD(SecPkgContext_NegoPackageInfo, PackageMask, 0, 4);

STRUCT(SecPkgContext_NegoStatus, 4, 4);
FIELD(SecPkgContext_NegoStatus, LastStatus, 0, 4);

STRUCT(SecPkgContext_Sizes, 16, 4);
FIELD(SecPkgContext_Sizes, cbMaxToken, 0, 4);
FIELD(SecPkgContext_Sizes, cbMaxSignature, 4, 4);
FIELD(SecPkgContext_Sizes, cbBlockSize, 8, 4);
FIELD(SecPkgContext_Sizes, cbSecurityTrailer, 12, 4);

STRUCT(SecPkgContext_StreamSizes, 20, 4);
FIELD(SecPkgContext_StreamSizes, cbHeader, 0, 4);
FIELD(SecPkgContext_StreamSizes, cbTrailer, 4, 4);
FIELD(SecPkgContext_StreamSizes, cbMaximumMessage, 8, 4);
FIELD(SecPkgContext_StreamSizes, cBuffers, 12, 4);
FIELD(SecPkgContext_StreamSizes, cbBlockSize, 16, 4);

STRUCT(SecPkgContext_NamesW, 8, 8);
FIELD(SecPkgContext_NamesW, sUserName, 0, 8);

STRUCT(SecPkgContext_NamesA, 8, 8);
FIELD(SecPkgContext_NamesA, sUserName, 0, 8);

STRUCT(SecPkgContext_LastClientTokenStatus, 4, 4);
FIELD(SecPkgContext_LastClientTokenStatus, LastClientTokenStatus, 0, 4);

STRUCT(SecPkgContext_Lifespan, 16, 8);
FIELD(SecPkgContext_Lifespan, tsStart, 0, 8);
FIELD(SecPkgContext_Lifespan, tsExpiry, 8, 8);

STRUCT(SecPkgContext_DceInfo, 16, 8);
FIELD(SecPkgContext_DceInfo, AuthzSvc, 0, 4);
FIELD(SecPkgContext_DceInfo, pPac, 8, 8);

STRUCT(SecPkgContext_KeyInfoW, 32, 8);
FIELD(SecPkgContext_KeyInfoW, sSignatureAlgorithmName, 0, 8);
FIELD(SecPkgContext_KeyInfoW, sEncryptAlgorithmName, 8, 8);
FIELD(SecPkgContext_KeyInfoW, KeySize, 16, 4);
FIELD(SecPkgContext_KeyInfoW, SignatureAlgorithm, 20, 4);
FIELD(SecPkgContext_KeyInfoW, EncryptAlgorithm, 24, 4);

STRUCT(SecPkgContext_KeyInfoA, 32, 8);
FIELD(SecPkgContext_KeyInfoA, sSignatureAlgorithmName, 0, 8);
FIELD(SecPkgContext_KeyInfoA, sEncryptAlgorithmName, 8, 8);
FIELD(SecPkgContext_KeyInfoA, KeySize, 16, 4);
FIELD(SecPkgContext_KeyInfoA, SignatureAlgorithm, 20, 4);
FIELD(SecPkgContext_KeyInfoA, EncryptAlgorithm, 24, 4);

STRUCT(SecPkgContext_AuthorityW, 8, 8);
FIELD(SecPkgContext_AuthorityW, sAuthorityName, 0, 8);

STRUCT(SecPkgContext_AuthorityA, 8, 8);
FIELD(SecPkgContext_AuthorityA, sAuthorityName, 0, 8);

STRUCT(SecPkgContext_ProtoInfoW, 16, 8);
FIELD(SecPkgContext_ProtoInfoW, sProtocolName, 0, 8);
FIELD(SecPkgContext_ProtoInfoW, majorVersion, 8, 4);
FIELD(SecPkgContext_ProtoInfoW, minorVersion, 12, 4);

STRUCT(SecPkgContext_ProtoInfoA, 16, 8);
FIELD(SecPkgContext_ProtoInfoA, sProtocolName, 0, 8);
FIELD(SecPkgContext_ProtoInfoA, majorVersion, 8, 4);
FIELD(SecPkgContext_ProtoInfoA, minorVersion, 12, 4);

STRUCT(SecPkgContext_PasswordExpiry, 8, 8);
FIELD(SecPkgContext_PasswordExpiry, tsPasswordExpires, 0, 8);

STRUCT(SecPkgContext_LogoffTime, 8, 8);
FIELD(SecPkgContext_LogoffTime, tsLogoffTime, 0, 8);

STRUCT(SecPkgContext_SessionKey, 16, 8);
FIELD(SecPkgContext_SessionKey, SessionKeyLength, 0, 4);
FIELD(SecPkgContext_SessionKey, SessionKey, 8, 8);

STRUCT(SecPkgContext_NegoKeys, 32, 8);
FIELD(SecPkgContext_NegoKeys, KeyType, 0, 4);
FIELD(SecPkgContext_NegoKeys, KeyLength, 4, 2);
FIELD(SecPkgContext_NegoKeys, KeyValue, 8, 8);
FIELD(SecPkgContext_NegoKeys, VerifyKeyType, 16, 4);
FIELD(SecPkgContext_NegoKeys, VerifyKeyLength, 20, 2);
FIELD(SecPkgContext_NegoKeys, VerifyKeyValue, 24, 8);

STRUCT(SecPkgContext_PackageInfoW, 8, 8);
FIELD(SecPkgContext_PackageInfoW, PackageInfo, 0, 8);

STRUCT(SecPkgContext_PackageInfoA, 8, 8);
FIELD(SecPkgContext_PackageInfoA, PackageInfo, 0, 8);

STRUCT(SecPkgContext_UserFlags, 4, 4);
FIELD(SecPkgContext_UserFlags, UserFlags, 0, 4);

STRUCT(SecPkgContext_Flags, 4, 4);
FIELD(SecPkgContext_Flags, Flags, 0, 4);

STRUCT(SecPkgContext_NegotiationInfoW, 16, 8);
FIELD(SecPkgContext_NegotiationInfoW, PackageInfo, 0, 8);
FIELD(SecPkgContext_NegotiationInfoW, NegotiationState, 8, 4);

STRUCT(SecPkgContext_NegotiationInfoA, 16, 8);
FIELD(SecPkgContext_NegotiationInfoA, PackageInfo, 0, 8);
FIELD(SecPkgContext_NegotiationInfoA, NegotiationState, 8, 4);

STRUCT(SecPkgContext_NativeNamesW, 16, 8);
FIELD(SecPkgContext_NativeNamesW, sClientName, 0, 8);
FIELD(SecPkgContext_NativeNamesW, sServerName, 8, 8);

STRUCT(SecPkgContext_NativeNamesA, 16, 8);
FIELD(SecPkgContext_NativeNamesA, sClientName, 0, 8);
FIELD(SecPkgContext_NativeNamesA, sServerName, 8, 8);

STRUCT(SecPkgContext_CredentialNameW, 16, 8);
FIELD(SecPkgContext_CredentialNameW, CredentialType, 0, 4);
FIELD(SecPkgContext_CredentialNameW, sCredentialName, 8, 8);

STRUCT(SecPkgContext_CredentialNameA, 16, 8);
FIELD(SecPkgContext_CredentialNameA, CredentialType, 0, 4);
FIELD(SecPkgContext_CredentialNameA, sCredentialName, 8, 8);

STRUCT(SecPkgContext_AccessToken, 8, 8);
FIELD(SecPkgContext_AccessToken, AccessToken, 0, 8);

STRUCT(SecPkgContext_TargetInformation, 16, 8);
FIELD(SecPkgContext_TargetInformation, MarshalledTargetInfoLength, 0, 4);
FIELD(SecPkgContext_TargetInformation, MarshalledTargetInfo, 8, 8);

STRUCT(SecPkgContext_AuthzID, 16, 8);
FIELD(SecPkgContext_AuthzID, AuthzIDLength, 0, 4);
FIELD(SecPkgContext_AuthzID, AuthzID, 8, 8);

STRUCT(SecPkgContext_Target, 16, 8);
FIELD(SecPkgContext_Target, TargetLength, 0, 4);
FIELD(SecPkgContext_Target, Target, 8, 8);

STRUCT(SecPkgContext_ClientSpecifiedTarget, 8, 8);
FIELD(SecPkgContext_ClientSpecifiedTarget, sTargetName, 0, 8);

STRUCT(SecPkgContext_Bindings, 16, 8);
FIELD(SecPkgContext_Bindings, BindingsLength, 0, 4);
FIELD(SecPkgContext_Bindings, Bindings, 8, 8);

STRUCT(SecPkgContext_ApplicationProtocol, 264, 4);
FIELD(SecPkgContext_ApplicationProtocol, ProtoNegoStatus, 0, 4);
FIELD(SecPkgContext_ApplicationProtocol, ProtoNegoExt, 4, 4);
FIELD(SecPkgContext_ApplicationProtocol, ProtocolIdSize, 8, 1);
FIELD(SecPkgContext_ApplicationProtocol, ProtocolId, 9, 255);

STRUCT(SecPkgContext_NegotiatedTlsExtensions, 16, 8);
FIELD(SecPkgContext_NegotiatedTlsExtensions, ExtensionsCount, 0, 4);
FIELD(SecPkgContext_NegotiatedTlsExtensions, Extensions, 8, 8);

STRUCT(SECPKG_APP_MODE_INFO, 48, 8);
FIELD(SECPKG_APP_MODE_INFO, UserFunction, 0, 4);
FIELD(SECPKG_APP_MODE_INFO, Argument1, 8, 8);
FIELD(SECPKG_APP_MODE_INFO, Argument2, 16, 8);
FIELD(SECPKG_APP_MODE_INFO, UserData, 24, 16);
FIELD(SECPKG_APP_MODE_INFO, ReturnToLsa, 40, 1);

STRUCT(SEC_WINNT_AUTH_IDENTITY_EX2, 48, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, Version, 0, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, cbHeaderLength, 4, 2);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, cbStructureLength, 8, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, UserOffset, 12, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, UserLength, 16, 2);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, DomainOffset, 20, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, DomainLength, 24, 2);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, PackedCredentialsOffset, 28, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, PackedCredentialsLength, 32, 2);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, Flags, 36, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, PackageListOffset, 40, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, PackageListLength, 44, 2);

STRUCT(SEC_WINNT_AUTH_IDENTITY_W, 48, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_W, User, 0, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_W, UserLength, 8, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_W, Domain, 16, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_W, DomainLength, 24, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_W, Password, 32, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_W, PasswordLength, 40, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_W, Flags, 44, 4);

STRUCT(SEC_WINNT_AUTH_IDENTITY_A, 48, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_A, User, 0, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_A, UserLength, 8, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_A, Domain, 16, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_A, DomainLength, 24, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_A, Password, 32, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_A, PasswordLength, 40, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_A, Flags, 44, 4);

STRUCT(SEC_WINNT_AUTH_IDENTITY_EXW, 72, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, Version, 0, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, Length, 4, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, User, 8, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, UserLength, 16, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, Domain, 24, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, DomainLength, 32, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, Password, 40, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, PasswordLength, 48, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, Flags, 52, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, PackageList, 56, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, PackageListLength, 64, 4);

STRUCT(SEC_WINNT_AUTH_IDENTITY_EXA, 72, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, Version, 0, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, Length, 4, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, User, 8, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, UserLength, 16, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, Domain, 24, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, DomainLength, 32, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, Password, 40, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, PasswordLength, 48, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, Flags, 52, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, PackageList, 56, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, PackageListLength, 64, 4);

STRUCT(SEC_WINNT_AUTH_BYTE_VECTOR, 8, 4);
FIELD(SEC_WINNT_AUTH_BYTE_VECTOR, ByteArrayOffset, 0, 4);
FIELD(SEC_WINNT_AUTH_BYTE_VECTOR, ByteArrayLength, 4, 2);

STRUCT(SEC_WINNT_AUTH_DATA, 24, 4);
FIELD(SEC_WINNT_AUTH_DATA, CredType, 0, 16);
FIELD(SEC_WINNT_AUTH_DATA, CredData, 16, 8);

STRUCT(SEC_WINNT_AUTH_PACKED_CREDENTIALS, 28, 4);
FIELD(SEC_WINNT_AUTH_PACKED_CREDENTIALS, cbHeaderLength, 0, 2);
FIELD(SEC_WINNT_AUTH_PACKED_CREDENTIALS, cbStructureLength, 2, 2);
FIELD(SEC_WINNT_AUTH_PACKED_CREDENTIALS, AuthData, 4, 24);

STRUCT(SEC_WINNT_AUTH_DATA_PASSWORD, 8, 4);
FIELD(SEC_WINNT_AUTH_DATA_PASSWORD, UnicodePassword, 0, 8);

STRUCT(SEC_WINNT_AUTH_CERTIFICATE_DATA, 12, 4);
FIELD(SEC_WINNT_AUTH_CERTIFICATE_DATA, cbHeaderLength, 0, 2);
FIELD(SEC_WINNT_AUTH_CERTIFICATE_DATA, cbStructureLength, 2, 2);
FIELD(SEC_WINNT_AUTH_CERTIFICATE_DATA, Certificate, 4, 8);

STRUCT(SEC_WINNT_AUTH_NGC_DATA, 44, 4);
FIELD(SEC_WINNT_AUTH_NGC_DATA, LogonId, 0, 8);
FIELD(SEC_WINNT_AUTH_NGC_DATA, Flags, 8, 4);
FIELD(SEC_WINNT_AUTH_NGC_DATA, CspInfo, 12, 8);
FIELD(SEC_WINNT_AUTH_NGC_DATA, UserIdKeyAuthTicket, 20, 8);
FIELD(SEC_WINNT_AUTH_NGC_DATA, DecryptionKeyName, 28, 8);
FIELD(SEC_WINNT_AUTH_NGC_DATA, DecryptionKeyAuthTicket, 36, 8);

STRUCT(SEC_WINNT_AUTH_DATA_TYPE_SMARTCARD_CONTEXTS_DATA, 24, 8);
FIELD(SEC_WINNT_AUTH_DATA_TYPE_SMARTCARD_CONTEXTS_DATA, pcc, 0, 8);
FIELD(SEC_WINNT_AUTH_DATA_TYPE_SMARTCARD_CONTEXTS_DATA, hProv, 8, 8);
FIELD(SEC_WINNT_AUTH_DATA_TYPE_SMARTCARD_CONTEXTS_DATA, pwszECDHKeyName, 16, 8);

STRUCT(SEC_WINNT_AUTH_FIDO_DATA, 48, 8);
FIELD(SEC_WINNT_AUTH_FIDO_DATA, cbHeaderLength, 0, 2);
FIELD(SEC_WINNT_AUTH_FIDO_DATA, cbStructureLength, 2, 2);
FIELD(SEC_WINNT_AUTH_FIDO_DATA, Secret, 4, 8);
FIELD(SEC_WINNT_AUTH_FIDO_DATA, NewSecret, 12, 8);
FIELD(SEC_WINNT_AUTH_FIDO_DATA, EncryptedNewSecret, 20, 8);
FIELD(SEC_WINNT_AUTH_FIDO_DATA, NetworkLogonBuffer, 28, 8);
FIELD(SEC_WINNT_AUTH_FIDO_DATA, ulSignatureCount, 40, 8);

STRUCT(SEC_WINNT_CREDUI_CONTEXT_VECTOR, 8, 4);
FIELD(SEC_WINNT_CREDUI_CONTEXT_VECTOR, CredUIContextArrayOffset, 0, 4);
FIELD(SEC_WINNT_CREDUI_CONTEXT_VECTOR, CredUIContextCount, 4, 2);

STRUCT(SEC_WINNT_AUTH_SHORT_VECTOR, 8, 4);
FIELD(SEC_WINNT_AUTH_SHORT_VECTOR, ShortArrayOffset, 0, 4);
FIELD(SEC_WINNT_AUTH_SHORT_VECTOR, ShortArrayCount, 4, 2);

STRUCT(CREDUIWIN_MARSHALED_CONTEXT, 52, 4);
FIELD(CREDUIWIN_MARSHALED_CONTEXT, StructureType, 0, 16);
FIELD(CREDUIWIN_MARSHALED_CONTEXT, cbHeaderLength, 16, 2);
FIELD(CREDUIWIN_MARSHALED_CONTEXT, LogonId, 20, 8);
FIELD(CREDUIWIN_MARSHALED_CONTEXT, MarshaledDataType, 28, 16);
FIELD(CREDUIWIN_MARSHALED_CONTEXT, MarshaledDataOffset, 44, 4);
FIELD(CREDUIWIN_MARSHALED_CONTEXT, MarshaledDataLength, 48, 2);

STRUCT(SEC_WINNT_CREDUI_CONTEXT, 48, 8);
FIELD(SEC_WINNT_CREDUI_CONTEXT, cbHeaderLength, 0, 2);
FIELD(SEC_WINNT_CREDUI_CONTEXT, CredUIContextHandle, 8, 8);
FIELD(SEC_WINNT_CREDUI_CONTEXT, UIInfo, 16, 8);
FIELD(SEC_WINNT_CREDUI_CONTEXT, dwAuthError, 24, 4);
FIELD(SEC_WINNT_CREDUI_CONTEXT, pInputAuthIdentity, 32, 8);
FIELD(SEC_WINNT_CREDUI_CONTEXT, TargetName, 40, 8);

STRUCT(SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX, 24, 4);
FIELD(SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX, cbHeaderLength, 0, 2);
FIELD(SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX, Flags, 4, 4);
FIELD(SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX, PackedCredentials, 8, 8);
FIELD(SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX, PackageList, 16, 8);

STRUCT(SECURITY_PACKAGE_OPTIONS, 24, 8);
FIELD(SECURITY_PACKAGE_OPTIONS, Size, 0, 4);
FIELD(SECURITY_PACKAGE_OPTIONS, Type, 4, 4);
FIELD(SECURITY_PACKAGE_OPTIONS, Flags, 8, 4);
FIELD(SECURITY_PACKAGE_OPTIONS, SignatureSize, 12, 4);
FIELD(SECURITY_PACKAGE_OPTIONS, Signature, 16, 8);

STRUCT(UNICODE_STRING, 16, 8);
FIELD(UNICODE_STRING, Length, 0, 2);
FIELD(UNICODE_STRING, MaximumLength, 2, 2);
FIELD(UNICODE_STRING, Buffer, 8, 8);

STRUCT(LUID, 8, 4);
FIELD(LUID, LowPart, 0, 4);
FIELD(LUID, HighPart, 4, 4);

STRUCT(DOMAIN_PASSWORD_INFORMATION, 24, 8);
FIELD(DOMAIN_PASSWORD_INFORMATION, MinPasswordLength, 0, 2);
FIELD(DOMAIN_PASSWORD_INFORMATION, PasswordHistoryLength, 2, 2);
FIELD(DOMAIN_PASSWORD_INFORMATION, PasswordProperties, 4, 4);
FIELD(DOMAIN_PASSWORD_INFORMATION, MaxPasswordAge, 8, 8);
FIELD(DOMAIN_PASSWORD_INFORMATION, MinPasswordAge, 16, 8);
STRUCT(SEC_CHANNEL_BINDINGS_EX, 48, 4);
FIELD(SEC_CHANNEL_BINDINGS_EX, magicNumber, 0, 4);
FIELD(SEC_CHANNEL_BINDINGS_EX, flags, 4, 4);
FIELD(SEC_CHANNEL_BINDINGS_EX, cbHeaderLength, 8, 4);
FIELD(SEC_CHANNEL_BINDINGS_EX, cbStructureLength, 12, 4);
FIELD(SEC_CHANNEL_BINDINGS_EX, dwInitiatorAddrType, 16, 4);
FIELD(SEC_CHANNEL_BINDINGS_EX, cbInitiatorLength, 20, 4);
FIELD(SEC_CHANNEL_BINDINGS_EX, dwInitiatorOffset, 24, 4);
FIELD(SEC_CHANNEL_BINDINGS_EX, dwAcceptorAddrType, 28, 4);
FIELD(SEC_CHANNEL_BINDINGS_EX, cbAcceptorLength, 32, 4);
FIELD(SEC_CHANNEL_BINDINGS_EX, dwAcceptorOffset, 36, 4);
FIELD(SEC_CHANNEL_BINDINGS_EX, cbApplicationDataLength, 40, 4);
FIELD(SEC_CHANNEL_BINDINGS_EX, dwApplicationDataOffset, 44, 4);

STRUCT(SEC_CHANNEL_BINDINGS_RESULT, 4, 4);
FIELD(SEC_CHANNEL_BINDINGS_RESULT, flags, 0, 4);

/* ---- Dispatch tables: the order of the slots ---- */

STRUCT(SecurityFunctionTableW, 256, 8);
FIELD(SecurityFunctionTableW, dwVersion, 0, 4);
FIELD(SecurityFunctionTableW, EnumerateSecurityPackagesW, 8, 8);
FIELD(SecurityFunctionTableW, QueryCredentialsAttributesW, 16, 8);
FIELD(SecurityFunctionTableW, AcquireCredentialsHandleW, 24, 8);
FIELD(SecurityFunctionTableW, FreeCredentialsHandle, 32, 8);
FIELD(SecurityFunctionTableW, Reserved2, 40, 8);
FIELD(SecurityFunctionTableW, InitializeSecurityContextW, 48, 8);
FIELD(SecurityFunctionTableW, AcceptSecurityContext, 56, 8);
FIELD(SecurityFunctionTableW, CompleteAuthToken, 64, 8);
FIELD(SecurityFunctionTableW, DeleteSecurityContext, 72, 8);
FIELD(SecurityFunctionTableW, ApplyControlToken, 80, 8);
FIELD(SecurityFunctionTableW, QueryContextAttributesW, 88, 8);
FIELD(SecurityFunctionTableW, ImpersonateSecurityContext, 96, 8);
FIELD(SecurityFunctionTableW, RevertSecurityContext, 104, 8);
FIELD(SecurityFunctionTableW, MakeSignature, 112, 8);
FIELD(SecurityFunctionTableW, VerifySignature, 120, 8);
FIELD(SecurityFunctionTableW, FreeContextBuffer, 128, 8);
FIELD(SecurityFunctionTableW, QuerySecurityPackageInfoW, 136, 8);
FIELD(SecurityFunctionTableW, Reserved3, 144, 8);
FIELD(SecurityFunctionTableW, Reserved4, 152, 8);
FIELD(SecurityFunctionTableW, ExportSecurityContext, 160, 8);
FIELD(SecurityFunctionTableW, ImportSecurityContextW, 168, 8);
FIELD(SecurityFunctionTableW, AddCredentialsW, 176, 8);
FIELD(SecurityFunctionTableW, Reserved8, 184, 8);
FIELD(SecurityFunctionTableW, QuerySecurityContextToken, 192, 8);
FIELD(SecurityFunctionTableW, EncryptMessage, 200, 8);
FIELD(SecurityFunctionTableW, DecryptMessage, 208, 8);
FIELD(SecurityFunctionTableW, SetContextAttributesW, 216, 8);
FIELD(SecurityFunctionTableW, SetCredentialsAttributesW, 224, 8);
FIELD(SecurityFunctionTableW, ChangeAccountPasswordW, 232, 8);
FIELD(SecurityFunctionTableW, QueryContextAttributesExW, 240, 8);
FIELD(SecurityFunctionTableW, QueryCredentialsAttributesExW, 248, 8);

STRUCT(SecurityFunctionTableA, 256, 8);
FIELD(SecurityFunctionTableA, dwVersion, 0, 4);
FIELD(SecurityFunctionTableA, EnumerateSecurityPackagesA, 8, 8);
FIELD(SecurityFunctionTableA, QueryCredentialsAttributesA, 16, 8);
FIELD(SecurityFunctionTableA, AcquireCredentialsHandleA, 24, 8);
FIELD(SecurityFunctionTableA, FreeCredentialsHandle, 32, 8);
FIELD(SecurityFunctionTableA, Reserved2, 40, 8);
FIELD(SecurityFunctionTableA, InitializeSecurityContextA, 48, 8);
FIELD(SecurityFunctionTableA, AcceptSecurityContext, 56, 8);
FIELD(SecurityFunctionTableA, CompleteAuthToken, 64, 8);
FIELD(SecurityFunctionTableA, DeleteSecurityContext, 72, 8);
FIELD(SecurityFunctionTableA, ApplyControlToken, 80, 8);
FIELD(SecurityFunctionTableA, QueryContextAttributesA, 88, 8);
FIELD(SecurityFunctionTableA, ImpersonateSecurityContext, 96, 8);
FIELD(SecurityFunctionTableA, RevertSecurityContext, 104, 8);
FIELD(SecurityFunctionTableA, MakeSignature, 112, 8);
FIELD(SecurityFunctionTableA, VerifySignature, 120, 8);
FIELD(SecurityFunctionTableA, FreeContextBuffer, 128, 8);
FIELD(SecurityFunctionTableA, QuerySecurityPackageInfoA, 136, 8);
FIELD(SecurityFunctionTableA, Reserved3, 144, 8);
FIELD(SecurityFunctionTableA, Reserved4, 152, 8);
FIELD(SecurityFunctionTableA, ExportSecurityContext, 160, 8);
FIELD(SecurityFunctionTableA, ImportSecurityContextA, 168, 8);
FIELD(SecurityFunctionTableA, AddCredentialsA, 176, 8);
FIELD(SecurityFunctionTableA, Reserved8, 184, 8);
FIELD(SecurityFunctionTableA, QuerySecurityContextToken, 192, 8);
FIELD(SecurityFunctionTableA, EncryptMessage, 200, 8);
FIELD(SecurityFunctionTableA, DecryptMessage, 208, 8);
FIELD(SecurityFunctionTableA, SetContextAttributesA, 216, 8);
FIELD(SecurityFunctionTableA, SetCredentialsAttributesA, 224, 8);
FIELD(SecurityFunctionTableA, ChangeAccountPasswordA, 232, 8);
FIELD(SecurityFunctionTableA, QueryContextAttributesExA, 240, 8);
FIELD(SecurityFunctionTableA, QueryCredentialsAttributesExA, 248, 8);

/* ---- Statuses: constant expressions of the signed type, different from each other ---- */

HOLDS(SEC_E_OK == 0);
HOLDS(SEC_E_INSUFFICIENT_MEMORY == -2146893056);
HOLDS(SEC_I_CONTINUE_NEEDED > 0 && SEC_SUCCESS(SEC_I_CONTINUE_NEEDED));
HOLDS(SEC_E_INVALID_HANDLE < 0 && !SEC_SUCCESS(SEC_E_INVALID_HANDLE));
HOLDS(sizeof(SEC_E_INVALID_HANDLE) == 4);
