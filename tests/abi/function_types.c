/*
 * The names by which programs spell types and functions: every pointer type of the dispatch tables, with the function
 * that it fits, and the un-suffixed names, which are the A forms, or the W forms when compiled with UNICODE. It need
 * not run: it holds if it compiles.
 */
#include "sspi.h"

#define FITS(type, function) type fits_##type = function

FITS(ACCEPT_SECURITY_CONTEXT_FN, AcceptSecurityContext);
FITS(FREE_CREDENTIALS_HANDLE_FN, FreeCredentialsHandle);
FITS(COMPLETE_AUTH_TOKEN_FN, CompleteAuthToken);
FITS(DELETE_SECURITY_CONTEXT_FN, DeleteSecurityContext);
FITS(APPLY_CONTROL_TOKEN_FN, ApplyControlToken);
FITS(IMPERSONATE_SECURITY_CONTEXT_FN, ImpersonateSecurityContext);
FITS(REVERT_SECURITY_CONTEXT_FN, RevertSecurityContext);
FITS(MAKE_SIGNATURE_FN, MakeSignature);
FITS(VERIFY_SIGNATURE_FN, VerifySignature);
FITS(FREE_CONTEXT_BUFFER_FN, FreeContextBuffer);
FITS(EXPORT_SECURITY_CONTEXT_FN, ExportSecurityContext);
FITS(QUERY_SECURITY_CONTEXT_TOKEN_FN, QuerySecurityContextToken);
FITS(ENCRYPT_MESSAGE_FN, EncryptMessage);
FITS(DECRYPT_MESSAGE_FN, DecryptMessage);
FITS(ACQUIRE_CREDENTIALS_HANDLE_FN_W, AcquireCredentialsHandleW);
FITS(ACQUIRE_CREDENTIALS_HANDLE_FN_A, AcquireCredentialsHandleA);
FITS(ADD_CREDENTIALS_FN_W, AddCredentialsW);
FITS(ADD_CREDENTIALS_FN_A, AddCredentialsA);
FITS(INITIALIZE_SECURITY_CONTEXT_FN_W, InitializeSecurityContextW);
FITS(INITIALIZE_SECURITY_CONTEXT_FN_A, InitializeSecurityContextA);
FITS(QUERY_CONTEXT_ATTRIBUTES_FN_W, QueryContextAttributesW);
FITS(QUERY_CONTEXT_ATTRIBUTES_FN_A, QueryContextAttributesA);
FITS(QUERY_CONTEXT_ATTRIBUTES_EX_FN_W, QueryContextAttributesExW);
FITS(QUERY_CONTEXT_ATTRIBUTES_EX_FN_A, QueryContextAttributesExA);
FITS(SET_CONTEXT_ATTRIBUTES_FN_W, SetContextAttributesW);
FITS(SET_CONTEXT_ATTRIBUTES_FN_A, SetContextAttributesA);
FITS(QUERY_CREDENTIALS_ATTRIBUTES_FN_W, QueryCredentialsAttributesW);
FITS(QUERY_CREDENTIALS_ATTRIBUTES_FN_A, QueryCredentialsAttributesA);
FITS(QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W, QueryCredentialsAttributesExW);
FITS(QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A, QueryCredentialsAttributesExA);
FITS(SET_CREDENTIALS_ATTRIBUTES_FN_W, SetCredentialsAttributesW);
FITS(SET_CREDENTIALS_ATTRIBUTES_FN_A, SetCredentialsAttributesA);
FITS(ENUMERATE_SECURITY_PACKAGES_FN_W, EnumerateSecurityPackagesW);
FITS(ENUMERATE_SECURITY_PACKAGES_FN_A, EnumerateSecurityPackagesA);
FITS(QUERY_SECURITY_PACKAGE_INFO_FN_W, QuerySecurityPackageInfoW);
FITS(QUERY_SECURITY_PACKAGE_INFO_FN_A, QuerySecurityPackageInfoA);
FITS(IMPORT_SECURITY_CONTEXT_FN_W, ImportSecurityContextW);
FITS(IMPORT_SECURITY_CONTEXT_FN_A, ImportSecurityContextA);
FITS(CHANGE_PASSWORD_FN_W, ChangeAccountPasswordW);
FITS(CHANGE_PASSWORD_FN_A, ChangeAccountPasswordA);
FITS(INIT_SECURITY_INTERFACE_W, InitSecurityInterfaceW);
FITS(INIT_SECURITY_INTERFACE_A, InitSecurityInterfaceA);

/* ---- Un-suffixed names ---- */

FITS(ACQUIRE_CREDENTIALS_HANDLE_FN, AcquireCredentialsHandle);
FITS(ADD_CREDENTIALS_FN, AddCredentials);
FITS(INITIALIZE_SECURITY_CONTEXT_FN, InitializeSecurityContext);
FITS(QUERY_CONTEXT_ATTRIBUTES_FN, QueryContextAttributes);
FITS(QUERY_CONTEXT_ATTRIBUTES_EX_FN, QueryContextAttributesEx);
FITS(SET_CONTEXT_ATTRIBUTES_FN, SetContextAttributes);
FITS(QUERY_CREDENTIALS_ATTRIBUTES_FN, QueryCredentialsAttributes);
FITS(QUERY_CREDENTIALS_ATTRIBUTES_EX_FN, QueryCredentialsAttributesEx);
FITS(SET_CREDENTIALS_ATTRIBUTES_FN, SetCredentialsAttributes);
FITS(ENUMERATE_SECURITY_PACKAGES_FN, EnumerateSecurityPackages);
FITS(QUERY_SECURITY_PACKAGE_INFO_FN, QuerySecurityPackageInfo);
FITS(IMPORT_SECURITY_CONTEXT_FN, ImportSecurityContext);
FITS(CHANGE_PASSWORD_FN, ChangeAccountPassword);
FITS(INIT_SECURITY_INTERFACE, InitSecurityInterface);

typedef void (*AnyFunction)(void);
#define EXISTS(function) AnyFunction exists_##function = (AnyFunction)function

EXISTS(AddSecurityPackage);
EXISTS(DeleteSecurityPackage);
EXISTS(FreeCredentialHandle);
EXISTS(GetComputerObjectName);
EXISTS(GetUserNameEx);
EXISTS(SaslEnumerateProfiles);
EXISTS(SaslGetProfilePackage);
EXISTS(SaslIdentifyPackage);
EXISTS(SaslInitializeSecurityContext);
EXISTS(SspiPromptForCredentials);
EXISTS(TranslateName);

#ifdef UNICODE
#define IS(name)                 \
  name##W* is_##name = (name*)0; \
  P##name##W is_P##name = (P##name)0
#define IS_(name)                 \
  name##_W* is_##name = (name*)0; \
  P##name##_W is_P##name = (P##name)0
#else
#define IS(name)                 \
  name##A* is_##name = (name*)0; \
  P##name##A is_P##name = (P##name)0
#define IS_(name)                 \
  name##_A* is_##name = (name*)0; \
  P##name##_A is_P##name = (P##name)0
#endif

IS(SecPkgContext_Authority);
IS(SecPkgContext_CredentialName);
IS(SecPkgContext_KeyInfo);
IS(SecPkgContext_Names);
IS(SecPkgContext_NativeNames);
IS(SecPkgContext_NegotiationInfo);
IS(SecPkgContext_PackageInfo);
IS(SecPkgContext_ProtoInfo);
IS(SecPkgCredentials_Names);
IS(SecPkgCredentials_SSIProvider);
IS(SecPkgInfo);
IS(SecurityFunctionTable);
IS(SEC_WINNT_AUTH_IDENTITY_EX);
IS_(SEC_WINNT_AUTH_IDENTITY);

const char* entry_point = SECURITY_ENTRYPOINT_ANSI;
const char* negotiate = NEGOSSP_NAME_A;
const SEC_WCHAR* negotiate_w = NEGOSSP_NAME_W;
const SEC_WCHAR* kerberos = MICROSOFT_KERBEROS_NAME;
const SEC_WCHAR* ntlm = NTLMSP_NAME;
SECURITY_PCSTR negotiate_either = NEGOSSP_NAME;
