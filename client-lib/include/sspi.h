/*
 * sspi.h: the Security Support Provider Interface for Linux programs, as libsspi offers it.
 *
 * Names, values, prototypes and structure layouts are those of Windows' user-mode sspi.h for x64 (and the six name
 * functions of secext.h), so that a program with an SSPI code path recompiles. Compiles as C99 and C++11, beside
 * gssapi.h and krb5.h too. Link with -lsspi. The library asks the daemon sspid, which holds all keys and tickets;
 * SSPI_SOCKET in the environment names its socket, if it is not the system's (docs/connecting.md tells more).
 *
 * Conventions, said once for all functions:
 *
 *  1. Strings end with NUL. Those of A functions are UTF-8, those of W functions UTF-16LE. Inputs are not declared
 *     const but are never written; they are copied during the call. Text that is not valid in its encoding, and a
 *     required pointer that is NULL, are SEC_E_INVALID_PARAMETER. Text that comes out is valid: Kerberos' names are
 *     bytes, chosen by whoever runs a realm, and one that is no UTF-8 is told as "\xE9". Like "\@" and "\\", which
 *     stand for an @ and a backslash inside a name, "\0" for a NUL and "\n" for a line's end, that is an escape: names
 *     that differ are told differently.
 *  2. Sizes and lengths are in bytes, except those of an identity's strings.
 *  3. Handles are plain values: they may be copied, but are freed once. They are valid in the process that got them and
 *     in its forked children. A NULL pointer to a handle, and a handle that names nothing, are SEC_E_INVALID_HANDLE;
 *     so is every older handle after the daemon was restarted: begin again with AcquireCredentialsHandle.
 *  4. What the library hands out through a pointer is freed with FreeContextBuffer. Everything else is the caller's:
 *     structures, descriptors, buffers.
 *  5. A SecBufferDesc has ulVersion 0; its buffers are found by their type, in any order. cbBuffer is the capacity
 *     going in and the length coming out: set it again before the next call.
 *  6. A failure is negative (SEC_E_), a success is not (SEC_E_OK, SEC_I_). Every function may also fail with
 *     SEC_E_INSUFFICIENT_MEMORY, and with SEC_E_INTERNAL_ERROR when the daemon cannot be reached or fails itself. Below
 *     stand the statuses that a caller must handle beside these. Without a word to the contrary a failed call has
 *     changed nothing and set no output. SspiGetLastErrorText (sspi_ext.h) tells the cause in words.
 *  7. Any thread may call. Calls on one context wait for each other, calls on different objects run in parallel.
 *  8. Some functions are declared but not supported: docs/functions.md tells which and why. They return
 *     SEC_E_UNSUPPORTED_FUNCTION if nothing else is said below.
 */
#ifndef __SSPI_H__
#define __SSPI_H__

#include <stddef.h>
#include <stdint.h>

/* Windows' header wants one of three macros before it is included. Only user mode exists here, so it is the default. */
#ifdef SECURITY_KERNEL
#error "libsspi is a user-mode library: define SECURITY_WIN32 or nothing"
#endif
#ifndef SECURITY_WIN32
#define SECURITY_WIN32
#endif
#define ISSP_LEVEL 32
#define ISSP_MODE 1

/* Marks what the shared library exports; everything else in it is hidden. */
#define SSPI_EXPORT __attribute__((visibility("default")))

/* Calling conventions and memory models of Windows that mean nothing here. */
#ifndef WINAPI
#define WINAPI
#endif
#ifndef NTAPI
#define NTAPI
#endif
#define SEC_ENTRY
#define SEC_FAR
#define __SEC_FAR

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Base types ------------------------------------------------------------------------------------------------- */

/*
 * A header that has declared all of these already (16-bit WCHAR, 32-bit ULONG) defines SSPI_BASE_TYPES first; the
 * narrower guards below are the ones that Windows' own headers use.
 */
#ifndef SSPI_BASE_TYPES
#define SSPI_BASE_TYPES

typedef void *PVOID, *LPVOID, *HANDLE, **PHANDLE;
typedef char CHAR, *PCHAR, *LPSTR, *PSTR;
typedef const char *LPCSTR, *PCSTR;
typedef uint8_t BYTE, *PBYTE, UCHAR, *PUCHAR, BOOLEAN, *PBOOLEAN;
typedef int16_t SHORT, *PSHORT;
typedef uint16_t USHORT, *PUSHORT, WORD, *PWORD;
typedef int32_t LONG, *PLONG, INT, *PINT, BOOL, *PBOOL, NTSTATUS, HRESULT;
typedef uint32_t ULONG, *PULONG, UINT, *PUINT, DWORD, *PDWORD;
typedef intptr_t INT_PTR, LONG_PTR;
typedef uintptr_t UINT_PTR, ULONG_PTR, DWORD_PTR;

/*
 * One UTF-16LE code unit: always 16 bits, never Linux' 32-bit wchar_t. The type is the one whose string literals are
 * 16 bits wide in the language of the including file: L"..." under -fshort-wchar, else u"..." (C++11, C11). All three
 * have the same representation, so files of different languages can be linked together.
 */
#if __SIZEOF_WCHAR_T__ == 2
#ifdef __cplusplus
typedef wchar_t WCHAR;
#else
typedef __WCHAR_TYPE__ WCHAR;
#endif
#elif defined(__cplusplus)
typedef char16_t WCHAR;
#else
typedef unsigned short WCHAR;
#endif
typedef WCHAR *PWCHAR, *LPWSTR, *PWSTR;
typedef const WCHAR *LPCWSTR, *PCWSTR;

#ifdef UNICODE
typedef WCHAR TCHAR, *LPTSTR, *PTSTR;
typedef const WCHAR *LPCTSTR, *PCTSTR;
#else
typedef char TCHAR, *LPTSTR, *PTSTR;
typedef const char *LPCTSTR, *PCTSTR;
#endif

#ifndef GUID_DEFINED
#define GUID_DEFINED
typedef struct _GUID {
  uint32_t Data1;
  uint16_t Data2;
  uint16_t Data3;
  uint8_t Data4[8];
} GUID;
#endif

typedef struct _LUID {
  uint32_t LowPart;
  int32_t HighPart;
} LUID, *PLUID;

typedef union _LARGE_INTEGER {
  __extension__ struct {
    uint32_t LowPart;
    int32_t HighPart;
  };
  struct {
    uint32_t LowPart;
    int32_t HighPart;
  } u;
  int64_t QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

#ifndef __UNICODE_STRING_DEFINED
#define __UNICODE_STRING_DEFINED
/* Lengths in bytes, without a terminating NUL. */
typedef struct _UNICODE_STRING {
  uint16_t Length;
  uint16_t MaximumLength;
  PWSTR Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
#endif

#endif /* SSPI_BASE_TYPES */

#ifndef ANYSIZE_ARRAY
#define ANYSIZE_ARRAY 1
#endif

typedef WCHAR SEC_WCHAR;
typedef CHAR SEC_CHAR;

#ifndef __SECSTATUS_DEFINED__
#define __SECSTATUS_DEFINED__
/* Signed: failures are negative, SEC_E_OK and the SEC_I_ results are not. */
typedef int32_t SECURITY_STATUS;
#endif
#define SEC_SUCCESS(Status) ((Status) >= 0)

/*
 * The un-suffixed names mean the W form where UNICODE is defined, else the A form. With SSPI_PLAIN_NAMES they mean
 * themselves, for sources that have such names of their own.
 */
#if defined(SSPI_PLAIN_NAMES)
#define SSPI_NAME_AW(name) name
#define SSPI_NAME_UAW(name) name
#elif defined(UNICODE)
#define SSPI_NAME_AW(name) name##W
#define SSPI_NAME_UAW(name) name##_W
#else
#define SSPI_NAME_AW(name) name##A
#define SSPI_NAME_UAW(name) name##_A
#endif

/* A 16-bit string literal. Strict C99 has none; the names below are spelled out for it. */
#if __SIZEOF_WCHAR_T__ == 2
#define SSPI_WIDE(text) L##text
#else
#define SSPI_WIDE(text) u##text
#endif
#ifdef UNICODE
#define SEC_TEXT(text) SSPI_WIDE(text)
#else
#define SEC_TEXT(text) text
#endif

#ifdef UNICODE
typedef SEC_WCHAR* SECURITY_PSTR;
typedef const SEC_WCHAR* SECURITY_PCSTR;
#else
typedef SEC_CHAR* SECURITY_PSTR;
typedef const SEC_CHAR* SECURITY_PCSTR;
#endif

/* ---- Statuses (winerror.h) -------------------------------------------------------------------------------------- */

/*
 * Constant expressions of type SECURITY_STATUS. Compare whole values: 0316, 0317, 0320 and 0321 each end both an SEC_E_
 * and an SEC_I_ value. SEC_E_POLICY_NLTM_ONLY is spelled so in Windows.
 */
#define SEC_E_OK ((SECURITY_STATUS)0x00000000)
#define SEC_E_INSUFFICIENT_MEMORY ((SECURITY_STATUS)0x80090300)
#define SEC_E_INVALID_HANDLE ((SECURITY_STATUS)0x80090301)
#define SEC_E_UNSUPPORTED_FUNCTION ((SECURITY_STATUS)0x80090302)
#define SEC_E_NOT_SUPPORTED SEC_E_UNSUPPORTED_FUNCTION
#define SEC_E_TARGET_UNKNOWN ((SECURITY_STATUS)0x80090303)
#define SEC_E_INTERNAL_ERROR ((SECURITY_STATUS)0x80090304)
#define SEC_E_NO_SPM SEC_E_INTERNAL_ERROR
#define SEC_E_SECPKG_NOT_FOUND ((SECURITY_STATUS)0x80090305)
#define SEC_E_NOT_OWNER ((SECURITY_STATUS)0x80090306)
#define SEC_E_CANNOT_INSTALL ((SECURITY_STATUS)0x80090307)
#define SEC_E_INVALID_TOKEN ((SECURITY_STATUS)0x80090308)
#define SEC_E_CANNOT_PACK ((SECURITY_STATUS)0x80090309)
#define SEC_E_QOP_NOT_SUPPORTED ((SECURITY_STATUS)0x8009030A)
#define SEC_E_NO_IMPERSONATION ((SECURITY_STATUS)0x8009030B)
#define SEC_E_LOGON_DENIED ((SECURITY_STATUS)0x8009030C)
#define SEC_E_UNKNOWN_CREDENTIALS ((SECURITY_STATUS)0x8009030D)
#define SEC_E_NO_CREDENTIALS ((SECURITY_STATUS)0x8009030E)
#define SEC_E_MESSAGE_ALTERED ((SECURITY_STATUS)0x8009030F)
#define SEC_E_OUT_OF_SEQUENCE ((SECURITY_STATUS)0x80090310)
#define SEC_E_NO_AUTHENTICATING_AUTHORITY ((SECURITY_STATUS)0x80090311)
#define SEC_I_CONTINUE_NEEDED ((SECURITY_STATUS)0x00090312)
#define SEC_I_COMPLETE_NEEDED ((SECURITY_STATUS)0x00090313)
#define SEC_I_COMPLETE_AND_CONTINUE ((SECURITY_STATUS)0x00090314)
#define SEC_I_LOCAL_LOGON ((SECURITY_STATUS)0x00090315)
#define SEC_I_GENERIC_EXTENSION_RECEIVED ((SECURITY_STATUS)0x00090316)
#define SEC_E_BAD_PKGID ((SECURITY_STATUS)0x80090316)
#define SEC_I_CONTEXT_EXPIRED ((SECURITY_STATUS)0x00090317)
#define SEC_E_CONTEXT_EXPIRED ((SECURITY_STATUS)0x80090317)
#define SEC_E_INCOMPLETE_MESSAGE ((SECURITY_STATUS)0x80090318)
#define SEC_I_INCOMPLETE_CREDENTIALS ((SECURITY_STATUS)0x00090320)
#define SEC_E_INCOMPLETE_CREDENTIALS ((SECURITY_STATUS)0x80090320)
#define SEC_I_RENEGOTIATE ((SECURITY_STATUS)0x00090321)
#define SEC_E_BUFFER_TOO_SMALL ((SECURITY_STATUS)0x80090321)
#define SEC_E_WRONG_PRINCIPAL ((SECURITY_STATUS)0x80090322)
#define SEC_I_NO_LSA_CONTEXT ((SECURITY_STATUS)0x00090323)
#define SEC_E_TIME_SKEW ((SECURITY_STATUS)0x80090324)
#define SEC_E_UNTRUSTED_ROOT ((SECURITY_STATUS)0x80090325)
#define SEC_E_ILLEGAL_MESSAGE ((SECURITY_STATUS)0x80090326)
#define SEC_E_CERT_UNKNOWN ((SECURITY_STATUS)0x80090327)
#define SEC_E_CERT_EXPIRED ((SECURITY_STATUS)0x80090328)
#define SEC_E_ENCRYPT_FAILURE ((SECURITY_STATUS)0x80090329)
#define SEC_E_DECRYPT_FAILURE ((SECURITY_STATUS)0x80090330)
#define SEC_E_ALGORITHM_MISMATCH ((SECURITY_STATUS)0x80090331)
#define SEC_E_SECURITY_QOS_FAILED ((SECURITY_STATUS)0x80090332)
#define SEC_E_UNFINISHED_CONTEXT_DELETED ((SECURITY_STATUS)0x80090333)
#define SEC_E_NO_TGT_REPLY ((SECURITY_STATUS)0x80090334)
#define SEC_E_NO_IP_ADDRESSES ((SECURITY_STATUS)0x80090335)
#define SEC_E_WRONG_CREDENTIAL_HANDLE ((SECURITY_STATUS)0x80090336)
#define SEC_E_CRYPTO_SYSTEM_INVALID ((SECURITY_STATUS)0x80090337)
#define SEC_E_MAX_REFERRALS_EXCEEDED ((SECURITY_STATUS)0x80090338)
#define SEC_E_MUST_BE_KDC ((SECURITY_STATUS)0x80090339)
#define SEC_E_STRONG_CRYPTO_NOT_SUPPORTED ((SECURITY_STATUS)0x8009033A)
#define SEC_E_TOO_MANY_PRINCIPALS ((SECURITY_STATUS)0x8009033B)
#define SEC_E_NO_PA_DATA ((SECURITY_STATUS)0x8009033C)
#define SEC_E_PKINIT_NAME_MISMATCH ((SECURITY_STATUS)0x8009033D)
#define SEC_E_SMARTCARD_LOGON_REQUIRED ((SECURITY_STATUS)0x8009033E)
#define SEC_E_SHUTDOWN_IN_PROGRESS ((SECURITY_STATUS)0x8009033F)
#define SEC_E_KDC_INVALID_REQUEST ((SECURITY_STATUS)0x80090340)
#define SEC_E_KDC_UNABLE_TO_REFER ((SECURITY_STATUS)0x80090341)
#define SEC_E_KDC_UNKNOWN_ETYPE ((SECURITY_STATUS)0x80090342)
#define SEC_E_UNSUPPORTED_PREAUTH ((SECURITY_STATUS)0x80090343)
#define SEC_E_DELEGATION_REQUIRED ((SECURITY_STATUS)0x80090345)
#define SEC_E_BAD_BINDINGS ((SECURITY_STATUS)0x80090346)
#define SEC_E_MULTIPLE_ACCOUNTS ((SECURITY_STATUS)0x80090347)
#define SEC_E_NO_KERB_KEY ((SECURITY_STATUS)0x80090348)
#define SEC_E_CERT_WRONG_USAGE ((SECURITY_STATUS)0x80090349)
#define SEC_E_DOWNGRADE_DETECTED ((SECURITY_STATUS)0x80090350)
#define SEC_E_SMARTCARD_CERT_REVOKED ((SECURITY_STATUS)0x80090351)
#define SEC_E_ISSUING_CA_UNTRUSTED ((SECURITY_STATUS)0x80090352)
#define SEC_E_REVOCATION_OFFLINE_C ((SECURITY_STATUS)0x80090353)
#define SEC_E_PKINIT_CLIENT_FAILURE ((SECURITY_STATUS)0x80090354)
#define SEC_E_SMARTCARD_CERT_EXPIRED ((SECURITY_STATUS)0x80090355)
#define SEC_E_NO_S4U_PROT_SUPPORT ((SECURITY_STATUS)0x80090356)
#define SEC_E_CROSSREALM_DELEGATION_FAILURE ((SECURITY_STATUS)0x80090357)
#define SEC_E_REVOCATION_OFFLINE_KDC ((SECURITY_STATUS)0x80090358)
#define SEC_E_ISSUING_CA_UNTRUSTED_KDC ((SECURITY_STATUS)0x80090359)
#define SEC_E_KDC_CERT_EXPIRED ((SECURITY_STATUS)0x8009035A)
#define SEC_E_KDC_CERT_REVOKED ((SECURITY_STATUS)0x8009035B)
#define SEC_I_SIGNATURE_NEEDED ((SECURITY_STATUS)0x0009035C)
#define SEC_E_INVALID_PARAMETER ((SECURITY_STATUS)0x8009035D)
#define SEC_E_DELEGATION_POLICY ((SECURITY_STATUS)0x8009035E)
#define SEC_E_POLICY_NLTM_ONLY ((SECURITY_STATUS)0x8009035F)
#define SEC_I_NO_RENEGOTIATION ((SECURITY_STATUS)0x00090360)
#define SEC_E_NO_CONTEXT ((SECURITY_STATUS)0x80090361)
#define SEC_E_PKU2U_CERT_FAILURE ((SECURITY_STATUS)0x80090362)
#define SEC_E_MUTUAL_AUTH_FAILED ((SECURITY_STATUS)0x80090363)
#define SEC_I_MESSAGE_FRAGMENT ((SECURITY_STATUS)0x00090364)
#define SEC_E_ONLY_HTTPS_ALLOWED ((SECURITY_STATUS)0x80090365)
#define SEC_I_CONTINUE_NEEDED_MESSAGE_OK ((SECURITY_STATUS)0x00090366)
#define SEC_E_APPLICATION_PROTOCOL_MISMATCH ((SECURITY_STATUS)0x80090367)
#define SEC_I_ASYNC_CALL_PENDING ((SECURITY_STATUS)0x00090368)
#define SEC_E_INVALID_UPN_NAME ((SECURITY_STATUS)0x80090369)
#define SEC_E_EXT_BUFFER_TOO_SMALL ((SECURITY_STATUS)0x8009036A)
#define SEC_E_INSUFFICIENT_BUFFERS ((SECURITY_STATUS)0x8009036B)

/* NT statuses that some calls pass through. */
#ifndef STATUS_INVALID_HANDLE
#define STATUS_INVALID_HANDLE ((NTSTATUS)0xC0000008)
#endif
#ifndef STATUS_INVALID_PARAMETER
#define STATUS_INVALID_PARAMETER ((NTSTATUS)0xC000000D)
#endif
#ifndef STATUS_BUFFER_TOO_SMALL
#define STATUS_BUFFER_TOO_SMALL ((NTSTATUS)0xC0000023)
#endif
#ifndef STATUS_PASSWORD_RESTRICTION
#define STATUS_PASSWORD_RESTRICTION ((NTSTATUS)0xC000006C)
#endif
#ifndef STATUS_LOGON_FAILURE
#define STATUS_LOGON_FAILURE ((NTSTATUS)0xC000006D)
#endif
#ifndef STATUS_BAD_BINDINGS
#define STATUS_BAD_BINDINGS ((NTSTATUS)0xC000035B)
#endif

/* ---- Handles and times ------------------------------------------------------------------------------------------ */

#ifndef __SECHANDLE_DEFINED__
#define __SECHANDLE_DEFINED__
/* Opaque. Both words -1: invalid; both words -2: freed or deleted. */
typedef struct _SecHandle {
  ULONG_PTR dwLower;
  ULONG_PTR dwUpper;
} SecHandle, *PSecHandle;
#endif

typedef SecHandle CredHandle, CtxtHandle;
typedef PSecHandle PCredHandle, PCtxtHandle;

#define SecInvalidateHandle(x) \
  ((void)(((PSecHandle)(x))->dwLower = (ULONG_PTR)-1, ((PSecHandle)(x))->dwUpper = (ULONG_PTR)-1))
/* False as soon as one word is -1. */
#define SecIsValidHandle(x) (((PSecHandle)(x))->dwLower != (ULONG_PTR)-1 && ((PSecHandle)(x))->dwUpper != (ULONG_PTR)-1)
#define SEC_DELETED_HANDLE ((ULONG_PTR)-2)

/*
 * 100 ns since 1601-01-01 00:00 (the Unix epoch is 116444736000000000) in local time, as Windows has it for these
 * structures; 0x7FFFFFFFFFFFFFFF means never.
 */
typedef LARGE_INTEGER SECURITY_INTEGER, *PSECURITY_INTEGER;
typedef SECURITY_INTEGER TimeStamp, *PTimeStamp;
typedef UNICODE_STRING SECURITY_STRING, *PSECURITY_STRING;

/* ---- Packages --------------------------------------------------------------------------------------------------- */

/* Package names; the library compares them without regard to case. */
#define NEGOSSP_NAME_A "Negotiate"
#define NTLMSP_NAME_A "NTLM"
#define MICROSOFT_KERBEROS_NAME_A "Kerberos"
#if __SIZEOF_WCHAR_T__ == 2 || defined(__cplusplus) || __STDC_VERSION__ >= 201112L
#define NEGOSSP_NAME_W SSPI_WIDE("Negotiate")
#define NTLMSP_NAME_W SSPI_WIDE("NTLM")
#define MICROSOFT_KERBEROS_NAME_W SSPI_WIDE("Kerberos")
#else
#define NEGOSSP_NAME_W ((SEC_WCHAR[]){'N', 'e', 'g', 'o', 't', 'i', 'a', 't', 'e', 0})
#define NTLMSP_NAME_W ((SEC_WCHAR[]){'N', 'T', 'L', 'M', 0})
#define MICROSOFT_KERBEROS_NAME_W ((SEC_WCHAR[]){'K', 'e', 'r', 'b', 'e', 'r', 'o', 's', 0})
#endif
#define NEGOSSP_NAME SSPI_NAME_UAW(NEGOSSP_NAME)
/* These two are the wide form whether or not UNICODE is defined, as on Windows. */
#define NTLMSP_NAME NTLMSP_NAME_W
#define MICROSOFT_KERBEROS_NAME MICROSOFT_KERBEROS_NAME_W

/* SecPkgInfo.fCapabilities */
#define SECPKG_FLAG_INTEGRITY 1
#define SECPKG_FLAG_PRIVACY 2
#define SECPKG_FLAG_TOKEN_ONLY 4
#define SECPKG_FLAG_DATAGRAM 8
#define SECPKG_FLAG_CONNECTION 0x10
#define SECPKG_FLAG_MULTI_REQUIRED 0x20
#define SECPKG_FLAG_CLIENT_ONLY 0x40
#define SECPKG_FLAG_EXTENDED_ERROR 0x80
#define SECPKG_FLAG_IMPERSONATION 0x100
#define SECPKG_FLAG_ACCEPT_WIN32_NAME 0x200
#define SECPKG_FLAG_STREAM 0x400
#define SECPKG_FLAG_NEGOTIABLE 0x800
#define SECPKG_FLAG_GSS_COMPATIBLE 0x1000
#define SECPKG_FLAG_LOGON 0x2000
#define SECPKG_FLAG_ASCII_BUFFERS 0x4000
#define SECPKG_FLAG_FRAGMENT 0x8000
#define SECPKG_FLAG_MUTUAL_AUTH 0x10000
#define SECPKG_FLAG_DELEGATION 0x20000
#define SECPKG_FLAG_READONLY_WITH_CHECKSUM 0x40000
#define SECPKG_FLAG_RESTRICTED_TOKENS 0x80000
#define SECPKG_FLAG_NEGO_EXTENDER 0x100000
#define SECPKG_FLAG_NEGOTIABLE2 0x200000
#define SECPKG_FLAG_APPCONTAINER_PASSTHROUGH 0x400000
#define SECPKG_FLAG_APPCONTAINER_CHECKS 0x800000
#define SECPKG_FLAG_CREDENTIAL_ISOLATION_ENABLED 0x1000000
#define SECPKG_FLAG_APPLY_LOOPBACK 0x2000000

#define SECPKG_CALLFLAGS_APPCONTAINER 1
#define SECPKG_CALLFLAGS_APPCONTAINER_AUTHCAPABLE 2
#define SECPKG_CALLFLAGS_FORCE_SUPPLIED 4
#define SECPKG_CALLFLAGS_APPCONTAINER_UPNCAPABLE 8

/* SecPkgInfo.wRPCID */
#define SECPKG_ID_NONE 0xffff
#define RPC_C_AUTHN_NONE 0
#define RPC_C_AUTHN_DCE_PRIVATE 1
#define RPC_C_AUTHN_GSS_NEGOTIATE 9
#define RPC_C_AUTHN_WINNT 10
#define RPC_C_AUTHN_GSS_SCHANNEL 14
#define RPC_C_AUTHN_GSS_KERBEROS 16
#define RPC_C_AUTHN_DIGEST 21
#define RPC_C_AUTHN_DEFAULT 0xffffffff

/* wRPCID: see above. cbMaxToken: bytes that suffice for every token of the package. Both strings end with NUL. */
typedef struct _SecPkgInfoW {
  uint32_t fCapabilities;
  uint16_t wVersion;
  uint16_t wRPCID;
  uint32_t cbMaxToken;
  SEC_WCHAR* Name;
  SEC_WCHAR* Comment;
} SecPkgInfoW, *PSecPkgInfoW;

typedef struct _SecPkgInfoA {
  uint32_t fCapabilities;
  uint16_t wVersion;
  uint16_t wRPCID;
  uint32_t cbMaxToken;
  SEC_CHAR* Name;
  SEC_CHAR* Comment;
} SecPkgInfoA, *PSecPkgInfoA;

#define SecPkgInfo SSPI_NAME_AW(SecPkgInfo)
#define PSecPkgInfo SSPI_NAME_AW(PSecPkgInfo)

#define SECPKG_OPTIONS_TYPE_UNKNOWN 0
#define SECPKG_OPTIONS_TYPE_LSA 1
#define SECPKG_OPTIONS_TYPE_SSPI 2
#define SECPKG_OPTIONS_PERMANENT 1

typedef struct _SECURITY_PACKAGE_OPTIONS {
  uint32_t Size;
  uint32_t Type;
  uint32_t Flags;
  uint32_t SignatureSize;
  void* Signature;
} SECURITY_PACKAGE_OPTIONS, *PSECURITY_PACKAGE_OPTIONS;

/* ---- Buffers ---------------------------------------------------------------------------------------------------- */

/* SecBufferDesc.ulVersion */
#define SECBUFFER_VERSION 0

/* SecBuffer.BufferType. No relation to the numbers of GSS-API's IOV buffers. */
#define SECBUFFER_EMPTY 0
#define SECBUFFER_DATA 1
#define SECBUFFER_TOKEN 2
#define SECBUFFER_PKG_PARAMS 3
#define SECBUFFER_MISSING 4
#define SECBUFFER_EXTRA 5
#define SECBUFFER_STREAM_TRAILER 6
#define SECBUFFER_STREAM_HEADER 7
#define SECBUFFER_NEGOTIATION_INFO 8
#define SECBUFFER_PADDING 9
#define SECBUFFER_STREAM 0xA
#define SECBUFFER_MECHLIST 0xB
#define SECBUFFER_MECHLIST_SIGNATURE 0xC
#define SECBUFFER_TARGET 0xD
#define SECBUFFER_CHANNEL_BINDINGS 0xE
#define SECBUFFER_CHANGE_PASS_RESPONSE 0xF
#define SECBUFFER_TARGET_HOST 0x10
#define SECBUFFER_ALERT 0x11
#define SECBUFFER_APPLICATION_PROTOCOLS 0x12
#define SECBUFFER_SRTP_PROTECTION_PROFILES 0x13
#define SECBUFFER_SRTP_MASTER_KEY_IDENTIFIER 0x14
#define SECBUFFER_TOKEN_BINDING 0x15
#define SECBUFFER_PRESHARED_KEY 0x16
#define SECBUFFER_PRESHARED_KEY_IDENTITY 0x17
#define SECBUFFER_DTLS_MTU 0x18
#define SECBUFFER_SEND_GENERIC_TLS_EXTENSION 0x19
#define SECBUFFER_SUBSCRIBE_GENERIC_TLS_EXTENSION 0x1A
#define SECBUFFER_FLAGS 0x1B
#define SECBUFFER_TRAFFIC_SECRETS 0x1C
#define SECBUFFER_CERTIFICATE_REQUEST_CONTEXT 29
#define SECBUFFER_CHANNEL_BINDINGS_RESULT 30
#define SECBUFFER_APP_SESSION_STATE 31
#define SECBUFFER_SESSION_TICKET 32

/*
 * Attributes, ORed into the type. READONLY: may be read, is neither written nor covered by a signature.
 * READONLY_WITH_CHECKSUM: not written either, but covered.
 */
#define SECBUFFER_ATTRMASK 0xF0000000
#define SECBUFFER_READONLY 0x80000000
#define SECBUFFER_READONLY_WITH_CHECKSUM 0x10000000
#define SECBUFFER_RESERVED 0x60000000

/* cbBuffer in bytes: the capacity going in, the length coming out. */
typedef struct _SecBuffer {
  uint32_t cbBuffer;
  uint32_t BufferType;
  void* pvBuffer;
} SecBuffer, *PSecBuffer;

typedef struct _SecBufferDesc {
  uint32_t ulVersion;
  uint32_t cBuffers;
  PSecBuffer pBuffers;
} SecBufferDesc, *PSecBufferDesc;

typedef struct _SEC_NEGOTIATION_INFO {
  uint32_t Size;
  uint32_t NameLength;
  SEC_WCHAR* Name;
  void* Reserved;
} SEC_NEGOTIATION_INFO, *PSEC_NEGOTIATION_INFO;

/*
 * Channel bindings (RFC 2743 section 1.1.6), the content of a SECBUFFER_CHANNEL_BINDINGS. Offsets in bytes from the
 * start of this structure, lengths in bytes; the data follow in the same block.
 */
typedef struct _SEC_CHANNEL_BINDINGS {
  uint32_t dwInitiatorAddrType;
  uint32_t cbInitiatorLength;
  uint32_t dwInitiatorOffset;
  uint32_t dwAcceptorAddrType;
  uint32_t cbAcceptorLength;
  uint32_t dwAcceptorOffset;
  uint32_t cbApplicationDataLength;
  uint32_t dwApplicationDataOffset;
} SEC_CHANNEL_BINDINGS, *PSEC_CHANNEL_BINDINGS;

#define SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS 0x1
#define SEC_CHANNEL_BINDINGS_EX_MAGIC 0x58454243

typedef struct _SEC_CHANNEL_BINDINGS_EX {
  uint32_t magicNumber;
  uint32_t flags;
  uint32_t cbHeaderLength;
  uint32_t cbStructureLength;
  uint32_t dwInitiatorAddrType;
  uint32_t cbInitiatorLength;
  uint32_t dwInitiatorOffset;
  uint32_t dwAcceptorAddrType;
  uint32_t cbAcceptorLength;
  uint32_t dwAcceptorOffset;
  uint32_t cbApplicationDataLength;
  uint32_t dwApplicationDataOffset;
} SEC_CHANNEL_BINDINGS_EX, *PSEC_CHANNEL_BINDINGS_EX;

#define SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT 0x1
#define SEC_CHANNEL_BINDINGS_RESULT_ABSENT 0x2
#define SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH 0x4
#define SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING 0x8
#define SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED 0x10
#define SEC_CHANNEL_BINDINGS_RESULT_VALID_PROXY 0x20
#define SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING 0x40
#define SEC_CHANNEL_BINDINGS_RESULT_VALID 0x70
#define SEC_CHANNEL_BINDINGS_RESULT_NOTVALID 0x0C

typedef struct _SEC_CHANNEL_BINDINGS_RESULT {
  uint32_t flags;
} SEC_CHANNEL_BINDINGS_RESULT, *PSEC_CHANNEL_BINDINGS_RESULT;

/* Structures of TLS packages, declared because programs name them; no package here uses them. */
typedef enum _SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT {
  SecApplicationProtocolNegotiationExt_None,
  SecApplicationProtocolNegotiationExt_NPN,
  SecApplicationProtocolNegotiationExt_ALPN
} SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT,
    *PSEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT;

typedef struct _SEC_APPLICATION_PROTOCOL_LIST {
  SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT ProtoNegoExt;
  uint16_t ProtocolListSize;
  uint8_t ProtocolList[ANYSIZE_ARRAY];
} SEC_APPLICATION_PROTOCOL_LIST, *PSEC_APPLICATION_PROTOCOL_LIST;

typedef struct _SEC_APPLICATION_PROTOCOLS {
  uint32_t ProtocolListsSize;
  SEC_APPLICATION_PROTOCOL_LIST ProtocolLists[ANYSIZE_ARRAY];
} SEC_APPLICATION_PROTOCOLS, *PSEC_APPLICATION_PROTOCOLS;

typedef struct _SEC_SRTP_PROTECTION_PROFILES {
  uint16_t ProfilesSize;
  uint16_t ProfilesList[ANYSIZE_ARRAY];
} SEC_SRTP_PROTECTION_PROFILES, *PSEC_SRTP_PROTECTION_PROFILES;

typedef struct _SEC_SRTP_MASTER_KEY_IDENTIFIER {
  uint8_t MasterKeyIdentifierSize;
  uint8_t MasterKeyIdentifier[ANYSIZE_ARRAY];
} SEC_SRTP_MASTER_KEY_IDENTIFIER, *PSEC_SRTP_MASTER_KEY_IDENTIFIER;

typedef struct _SEC_TOKEN_BINDING {
  uint8_t MajorVersion;
  uint8_t MinorVersion;
  uint16_t KeyParametersSize;
  uint8_t KeyParameters[ANYSIZE_ARRAY];
} SEC_TOKEN_BINDING, *PSEC_TOKEN_BINDING;

typedef struct _SEC_PRESHAREDKEY {
  uint16_t KeySize;
  uint8_t Key[ANYSIZE_ARRAY];
} SEC_PRESHAREDKEY, *PSEC_PRESHAREDKEY;

typedef struct _SEC_PRESHAREDKEY_IDENTITY {
  uint16_t KeyIdentitySize;
  uint8_t KeyIdentity[ANYSIZE_ARRAY];
} SEC_PRESHAREDKEY_IDENTITY, *PSEC_PRESHAREDKEY_IDENTITY;

typedef struct _SEC_DTLS_MTU {
  uint16_t PathMTU;
} SEC_DTLS_MTU, *PSEC_DTLS_MTU;

typedef struct _SEC_FLAGS {
  uint64_t Flags;
} SEC_FLAGS, *PSEC_FLAGS;

typedef enum _SEC_TRAFFIC_SECRET_TYPE {
  SecTrafficSecret_None,
  SecTrafficSecret_Client,
  SecTrafficSecret_Server
} SEC_TRAFFIC_SECRET_TYPE,
    *PSEC_TRAFFIC_SECRET_TYPE;

#define SZ_ALG_MAX_SIZE 64

typedef struct _SEC_TRAFFIC_SECRETS {
  SEC_WCHAR SymmetricAlgId[SZ_ALG_MAX_SIZE];
  SEC_WCHAR ChainingMode[SZ_ALG_MAX_SIZE];
  SEC_WCHAR HashAlgId[SZ_ALG_MAX_SIZE];
  uint16_t KeySize;
  uint16_t IvSize;
  uint16_t MsgSequenceStart;
  uint16_t MsgSequenceEnd;
  SEC_TRAFFIC_SECRET_TYPE TrafficSecretType;
  uint16_t TrafficSecretSize;
  uint8_t TrafficSecret[ANYSIZE_ARRAY];
} SEC_TRAFFIC_SECRETS, *PSEC_TRAFFIC_SECRETS;

/* ---- Flags of context establishment ----------------------------------------------------------------------------- */

/*
 * fContextReq (REQ) and *pfContextAttr (RET). Initiator and acceptor number differently above 0x2000. Both parameters
 * have 32 bits, so the flags from 0x100000000 on cannot be passed; they are here because programs name them.
 */
#define ISC_REQ_DELEGATE 0x00000001
#define ISC_REQ_MUTUAL_AUTH 0x00000002
#define ISC_REQ_REPLAY_DETECT 0x00000004
#define ISC_REQ_SEQUENCE_DETECT 0x00000008
#define ISC_REQ_CONFIDENTIALITY 0x00000010
#define ISC_REQ_USE_SESSION_KEY 0x00000020
#define ISC_REQ_PROMPT_FOR_CREDS 0x00000040
#define ISC_REQ_USE_SUPPLIED_CREDS 0x00000080
#define ISC_REQ_ALLOCATE_MEMORY 0x00000100
#define ISC_REQ_USE_DCE_STYLE 0x00000200
#define ISC_REQ_DATAGRAM 0x00000400
#define ISC_REQ_CONNECTION 0x00000800
#define ISC_REQ_CALL_LEVEL 0x00001000
#define ISC_REQ_FRAGMENT_SUPPLIED 0x00002000
#define ISC_REQ_EXTENDED_ERROR 0x00004000
#define ISC_REQ_STREAM 0x00008000
#define ISC_REQ_INTEGRITY 0x00010000
#define ISC_REQ_IDENTIFY 0x00020000
#define ISC_REQ_NULL_SESSION 0x00040000
#define ISC_REQ_MANUAL_CRED_VALIDATION 0x00080000
#define ISC_REQ_RESERVED1 0x00100000
#define ISC_REQ_FRAGMENT_TO_FIT 0x00200000
#define ISC_REQ_FORWARD_CREDENTIALS 0x00400000
#define ISC_REQ_NO_INTEGRITY 0x00800000
#define ISC_REQ_USE_HTTP_STYLE 0x01000000
#define ISC_REQ_UNVERIFIED_TARGET_NAME 0x20000000
#define ISC_REQ_CONFIDENTIALITY_ONLY 0x40000000
#define ISC_REQ_MESSAGES 0x100000000
#define ISC_REQ_DEFERRED_CRED_VALIDATION 0x200000000
#define ISC_REQ_NO_POST_HANDSHAKE_AUTH 0x400000000
#define ISC_REQ_REUSE_SESSION_TICKETS 0x800000000
#define ISC_REQ_EXPLICIT_SESSION 0x1000000000

#define ISC_RET_DELEGATE 0x00000001
#define ISC_RET_MUTUAL_AUTH 0x00000002
#define ISC_RET_REPLAY_DETECT 0x00000004
#define ISC_RET_SEQUENCE_DETECT 0x00000008
#define ISC_RET_CONFIDENTIALITY 0x00000010
#define ISC_RET_USE_SESSION_KEY 0x00000020
#define ISC_RET_USED_COLLECTED_CREDS 0x00000040
#define ISC_RET_USED_SUPPLIED_CREDS 0x00000080
#define ISC_RET_ALLOCATED_MEMORY 0x00000100
#define ISC_RET_USED_DCE_STYLE 0x00000200
#define ISC_RET_DATAGRAM 0x00000400
#define ISC_RET_CONNECTION 0x00000800
#define ISC_RET_INTERMEDIATE_RETURN 0x00001000
#define ISC_RET_CALL_LEVEL 0x00002000
#define ISC_RET_EXTENDED_ERROR 0x00004000
#define ISC_RET_STREAM 0x00008000
#define ISC_RET_INTEGRITY 0x00010000
#define ISC_RET_IDENTIFY 0x00020000
#define ISC_RET_NULL_SESSION 0x00040000
#define ISC_RET_MANUAL_CRED_VALIDATION 0x00080000
#define ISC_RET_RESERVED1 0x00100000
#define ISC_RET_FRAGMENT_ONLY 0x00200000
#define ISC_RET_FORWARD_CREDENTIALS 0x00400000
#define ISC_RET_USED_HTTP_STYLE 0x01000000
#define ISC_RET_NO_ADDITIONAL_TOKEN 0x02000000
#define ISC_RET_REAUTHENTICATION 0x08000000
#define ISC_RET_CONFIDENTIALITY_ONLY 0x40000000
#define ISC_RET_MESSAGES 0x100000000
#define ISC_RET_DEFERRED_CRED_VALIDATION 0x200000000
#define ISC_RET_NO_POST_HANDSHAKE_AUTH 0x400000000
#define ISC_RET_REUSE_SESSION_TICKETS 0x800000000
#define ISC_RET_EXPLICIT_SESSION 0x1000000000

#define ASC_REQ_DELEGATE 0x00000001
#define ASC_REQ_MUTUAL_AUTH 0x00000002
#define ASC_REQ_REPLAY_DETECT 0x00000004
#define ASC_REQ_SEQUENCE_DETECT 0x00000008
#define ASC_REQ_CONFIDENTIALITY 0x00000010
#define ASC_REQ_USE_SESSION_KEY 0x00000020
#define ASC_REQ_SESSION_TICKET 0x00000040
#define ASC_REQ_ALLOCATE_MEMORY 0x00000100
#define ASC_REQ_USE_DCE_STYLE 0x00000200
#define ASC_REQ_DATAGRAM 0x00000400
#define ASC_REQ_CONNECTION 0x00000800
#define ASC_REQ_CALL_LEVEL 0x00001000
#define ASC_REQ_FRAGMENT_SUPPLIED 0x00002000
#define ASC_REQ_EXTENDED_ERROR 0x00008000
#define ASC_REQ_STREAM 0x00010000
#define ASC_REQ_INTEGRITY 0x00020000
#define ASC_REQ_LICENSING 0x00040000
#define ASC_REQ_IDENTIFY 0x00080000
#define ASC_REQ_ALLOW_NULL_SESSION 0x00100000
#define ASC_REQ_ALLOW_NON_USER_LOGONS 0x00200000
#define ASC_REQ_ALLOW_CONTEXT_REPLAY 0x00400000
#define ASC_REQ_FRAGMENT_TO_FIT 0x00800000
#define ASC_REQ_NO_TOKEN 0x01000000
#define ASC_REQ_PROXY_BINDINGS 0x04000000
#define ASC_REQ_ALLOW_MISSING_BINDINGS 0x10000000
#define ASC_REQ_MESSAGES 0x100000000
/* Digest's name for the same bit. */
#define ASC_REQ_HTTP 0x10000000

#define ASC_RET_DELEGATE 0x00000001
#define ASC_RET_MUTUAL_AUTH 0x00000002
#define ASC_RET_REPLAY_DETECT 0x00000004
#define ASC_RET_SEQUENCE_DETECT 0x00000008
#define ASC_RET_CONFIDENTIALITY 0x00000010
#define ASC_RET_USE_SESSION_KEY 0x00000020
#define ASC_RET_SESSION_TICKET 0x00000040
#define ASC_RET_ALLOCATED_MEMORY 0x00000100
#define ASC_RET_USED_DCE_STYLE 0x00000200
#define ASC_RET_DATAGRAM 0x00000400
#define ASC_RET_CONNECTION 0x00000800
#define ASC_RET_CALL_LEVEL 0x00002000
#define ASC_RET_THIRD_LEG_FAILED 0x00004000
#define ASC_RET_EXTENDED_ERROR 0x00008000
#define ASC_RET_STREAM 0x00010000
#define ASC_RET_INTEGRITY 0x00020000
#define ASC_RET_LICENSING 0x00040000
#define ASC_RET_IDENTIFY 0x00080000
#define ASC_RET_NULL_SESSION 0x00100000
#define ASC_RET_ALLOW_NON_USER_LOGONS 0x00200000
#define ASC_RET_ALLOW_CONTEXT_REPLAY 0x00400000
#define ASC_RET_FRAGMENT_ONLY 0x00800000
#define ASC_RET_NO_TOKEN 0x01000000
#define ASC_RET_NO_ADDITIONAL_TOKEN 0x02000000
#define ASC_RET_MESSAGES 0x100000000

/* TargetDataRep */
#define SECURITY_NATIVE_DREP 0x10
#define SECURITY_NETWORK_DREP 0

/* fQOP: protect the integrity only. Also what *pfQOP says of a message that was not encrypted. */
#define SECQOP_WRAP_NO_ENCRYPT 0x80000001
#define SECQOP_WRAP_OOB_DATA 0x40000000
#define KERB_WRAP_NO_ENCRYPT SECQOP_WRAP_NO_ENCRYPT

/* ---- Credentials: use and attributes ---------------------------------------------------------------------------- */

/* fCredentialUse */
#define SECPKG_CRED_INBOUND 1
#define SECPKG_CRED_OUTBOUND 2
#define SECPKG_CRED_BOTH 3
#define SECPKG_CRED_DEFAULT 4
#define SECPKG_CRED_RESERVED 0xF0000000
#define SECPKG_CRED_AUTOLOGON_RESTRICTED 0x10
#define SECPKG_CRED_PROCESS_POLICY_ONLY 0x20

/* ulAttribute of QueryCredentialsAttributes and SetCredentialsAttributes */
#define SECPKG_CRED_ATTR_NAMES 1
#define SECPKG_CRED_ATTR_SSI_PROVIDER 2
#define SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS 3
#define SECPKG_CRED_ATTR_CERT 4
#define SECPKG_CRED_ATTR_PAC_BYPASS 5
#define SECPKG_CRED_ATTR_KDC_NETWORK_SETTINGS SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS
#define SECPKG_CRED_KERB_ANCHOR_DS_VERSION 0x40

/* SECPKG_CRED_ATTR_NAMES. The string is freed with FreeContextBuffer. */
typedef struct _SecPkgCredentials_NamesW {
  SEC_WCHAR* sUserName;
} SecPkgCredentials_NamesW, *PSecPkgCredentials_NamesW;

typedef struct _SecPkgCredentials_NamesA {
  SEC_CHAR* sUserName;
} SecPkgCredentials_NamesA, *PSecPkgCredentials_NamesA;

#define SecPkgCredentials_Names SSPI_NAME_AW(SecPkgCredentials_Names)
#define PSecPkgCredentials_Names SSPI_NAME_AW(PSecPkgCredentials_Names)

typedef struct _SecPkgCredentials_SSIProviderW {
  SEC_WCHAR* sProviderName;
  uint32_t ProviderInfoLength;
  char* ProviderInfo;
} SecPkgCredentials_SSIProviderW, *PSecPkgCredentials_SSIProviderW;

typedef struct _SecPkgCredentials_SSIProviderA {
  SEC_CHAR* sProviderName;
  uint32_t ProviderInfoLength;
  char* ProviderInfo;
} SecPkgCredentials_SSIProviderA, *PSecPkgCredentials_SSIProviderA;

#define SecPkgCredentials_SSIProvider SSPI_NAME_AW(SecPkgCredentials_SSIProvider)
#define PSecPkgCredentials_SSIProvider SSPI_NAME_AW(PSecPkgCredentials_SSIProvider)

#define KDC_PROXY_SETTINGS_V1 1
#define KDC_PROXY_SETTINGS_FLAGS_FORCEPROXY 1

/* Offsets in bytes from the start of the structure, lengths in bytes. */
typedef struct _SecPkgCredentials_KdcProxySettingsW {
  uint32_t Version;
  uint32_t Flags;
  uint16_t ProxyServerOffset;
  uint16_t ProxyServerLength;
  uint16_t ClientTlsCredOffset;
  uint16_t ClientTlsCredLength;
} SecPkgCredentials_KdcProxySettingsW, *PSecPkgCredentials_KdcProxySettingsW;

typedef struct _SecPkgCredentials_Cert {
  uint32_t EncodedCertSize;
  uint8_t* EncodedCert;
} SecPkgCredentials_Cert, *PSecPkgCredentials_Cert;

/* ---- Context attributes ----------------------------------------------------------------------------------------- */

/* ulAttribute of QueryContextAttributes; the structure that each one fills follows. */
#define SECPKG_ATTR_SIZES 0
#define SECPKG_ATTR_NAMES 1
#define SECPKG_ATTR_LIFESPAN 2
#define SECPKG_ATTR_DCE_INFO 3
#define SECPKG_ATTR_STREAM_SIZES 4
#define SECPKG_ATTR_KEY_INFO 5
#define SECPKG_ATTR_AUTHORITY 6
#define SECPKG_ATTR_PROTO_INFO 7
#define SECPKG_ATTR_PASSWORD_EXPIRY 8
#define SECPKG_ATTR_SESSION_KEY 9
#define SECPKG_ATTR_PACKAGE_INFO 0xA
#define SECPKG_ATTR_USER_FLAGS 0xB
#define SECPKG_ATTR_NEGOTIATION_INFO 0xC
#define SECPKG_ATTR_NATIVE_NAMES 0xD
#define SECPKG_ATTR_FLAGS 0xE
#define SECPKG_ATTR_USE_VALIDATED 0xF
#define SECPKG_ATTR_CREDENTIAL_NAME 0x10
#define SECPKG_ATTR_TARGET_INFORMATION 0x11
#define SECPKG_ATTR_ACCESS_TOKEN 0x12
#define SECPKG_ATTR_TARGET 0x13
#define SECPKG_ATTR_AUTHENTICATION_ID 0x14
#define SECPKG_ATTR_LOGOFF_TIME 0x15
#define SECPKG_ATTR_NEGO_KEYS 0x16
#define SECPKG_ATTR_PROMPTING_NEEDED 0x18
#define SECPKG_ATTR_UNIQUE_BINDINGS 0x19
#define SECPKG_ATTR_ENDPOINT_BINDINGS 0x1A
#define SECPKG_ATTR_CLIENT_SPECIFIED_TARGET 0x1B
#define SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS 0x1E
#define SECPKG_ATTR_NEGO_PKG_INFO 0x1F
#define SECPKG_ATTR_NEGO_STATUS 0x20
#define SECPKG_ATTR_CONTEXT_DELETED 0x21
#define SECPKG_ATTR_DTLS_MTU 0x22
#define SECPKG_ATTR_DATAGRAM_SIZES SECPKG_ATTR_STREAM_SIZES
#define SECPKG_ATTR_SUBJECT_SECURITY_ATTRIBUTES 0x80
#define SECPKG_ATTR_APPLICATION_PROTOCOL 0x23
#define SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS 0x24
#define SECPKG_ATTR_IS_LOOPBACK 0x25
#define SECPKG_ATTR_SASL_CONTEXT 0x10000

/* Attributes of TLS and CredSSP: every package here answers SEC_E_UNSUPPORTED_FUNCTION. */
#define SECPKG_ATTR_REMOTE_CERT_CONTEXT 0x53
#define SECPKG_ATTR_LOCAL_CERT_CONTEXT 0x54
#define SECPKG_ATTR_ROOT_STORE 0x55
#define SECPKG_ATTR_ISSUER_LIST_EX 0x59
#define SECPKG_ATTR_CONNECTION_INFO 0x5A
#define SECPKG_ATTR_EAP_KEY_BLOCK 0x5B
#define SECPKG_ATTR_SESSION_INFO 0x5D
#define SECPKG_ATTR_APP_DATA 0x5E
#define SECPKG_ATTR_SUPPORTED_SIGNATURES 0x66
#define SECPKG_ATTR_CREDS_2 0x80000086

/* SIZES, all in bytes. cbMaxSignature: TOKEN of MakeSignature; cbSecurityTrailer: TOKEN of EncryptMessage; cbBlockSize:
 * the largest PADDING, 0 or 1 for none. */
typedef struct _SecPkgContext_Sizes {
  uint32_t cbMaxToken;
  uint32_t cbMaxSignature;
  uint32_t cbBlockSize;
  uint32_t cbSecurityTrailer;
} SecPkgContext_Sizes, *PSecPkgContext_Sizes;

/* STREAM_SIZES, DATAGRAM_SIZES */
typedef struct _SecPkgContext_StreamSizes {
  uint32_t cbHeader;
  uint32_t cbTrailer;
  uint32_t cbMaximumMessage;
  uint32_t cBuffers;
  uint32_t cbBlockSize;
} SecPkgContext_StreamSizes, *PSecPkgContext_StreamSizes;

typedef SecPkgContext_StreamSizes SecPkgContext_DatagramSizes, *PSecPkgContext_DatagramSizes;

/* NAMES: the client, on both sides. */
typedef struct _SecPkgContext_NamesW {
  SEC_WCHAR* sUserName;
} SecPkgContext_NamesW, *PSecPkgContext_NamesW;

typedef struct _SecPkgContext_NamesA {
  SEC_CHAR* sUserName;
} SecPkgContext_NamesA, *PSecPkgContext_NamesA;

#define SecPkgContext_Names SSPI_NAME_AW(SecPkgContext_Names)
#define PSecPkgContext_Names SSPI_NAME_AW(PSecPkgContext_Names)

/* LIFESPAN */
typedef struct _SecPkgContext_Lifespan {
  TimeStamp tsStart;
  TimeStamp tsExpiry;
} SecPkgContext_Lifespan, *PSecPkgContext_Lifespan;

/* DCE_INFO */
typedef struct _SecPkgContext_DceInfo {
  uint32_t AuthzSvc;
  void* pPac;
} SecPkgContext_DceInfo, *PSecPkgContext_DceInfo;

/* KEY_INFO. KeySize in bits. Two strings, each with a FreeContextBuffer of its own. */
typedef struct _SecPkgContext_KeyInfoW {
  SEC_WCHAR* sSignatureAlgorithmName;
  SEC_WCHAR* sEncryptAlgorithmName;
  uint32_t KeySize;
  uint32_t SignatureAlgorithm;
  uint32_t EncryptAlgorithm;
} SecPkgContext_KeyInfoW, *PSecPkgContext_KeyInfoW;

typedef struct _SecPkgContext_KeyInfoA {
  SEC_CHAR* sSignatureAlgorithmName;
  SEC_CHAR* sEncryptAlgorithmName;
  uint32_t KeySize;
  uint32_t SignatureAlgorithm;
  uint32_t EncryptAlgorithm;
} SecPkgContext_KeyInfoA, *PSecPkgContext_KeyInfoA;

#define SecPkgContext_KeyInfo SSPI_NAME_AW(SecPkgContext_KeyInfo)
#define PSecPkgContext_KeyInfo SSPI_NAME_AW(PSecPkgContext_KeyInfo)

/* AUTHORITY: the realm or domain. */
typedef struct _SecPkgContext_AuthorityW {
  SEC_WCHAR* sAuthorityName;
} SecPkgContext_AuthorityW, *PSecPkgContext_AuthorityW;

typedef struct _SecPkgContext_AuthorityA {
  SEC_CHAR* sAuthorityName;
} SecPkgContext_AuthorityA, *PSecPkgContext_AuthorityA;

#define SecPkgContext_Authority SSPI_NAME_AW(SecPkgContext_Authority)
#define PSecPkgContext_Authority SSPI_NAME_AW(PSecPkgContext_Authority)

/* PROTO_INFO */
typedef struct _SecPkgContext_ProtoInfoW {
  SEC_WCHAR* sProtocolName;
  uint32_t majorVersion;
  uint32_t minorVersion;
} SecPkgContext_ProtoInfoW, *PSecPkgContext_ProtoInfoW;

typedef struct _SecPkgContext_ProtoInfoA {
  SEC_CHAR* sProtocolName;
  uint32_t majorVersion;
  uint32_t minorVersion;
} SecPkgContext_ProtoInfoA, *PSecPkgContext_ProtoInfoA;

#define SecPkgContext_ProtoInfo SSPI_NAME_AW(SecPkgContext_ProtoInfo)
#define PSecPkgContext_ProtoInfo SSPI_NAME_AW(PSecPkgContext_ProtoInfo)

/* PASSWORD_EXPIRY */
typedef struct _SecPkgContext_PasswordExpiry {
  TimeStamp tsPasswordExpires;
} SecPkgContext_PasswordExpiry, *PSecPkgContext_PasswordExpiry;

/* LOGOFF_TIME */
typedef struct _SecPkgContext_LogoffTime {
  TimeStamp tsLogoffTime;
} SecPkgContext_LogoffTime, *PSecPkgContext_LogoffTime;

/* SESSION_KEY. Length in bytes; the key is wiped by FreeContextBuffer. */
typedef struct _SecPkgContext_SessionKey {
  uint32_t SessionKeyLength;
  uint8_t* SessionKey;
} SecPkgContext_SessionKey, *PSecPkgContext_SessionKey;

/* NEGO_KEYS */
typedef struct _SecPkgContext_NegoKeys {
  uint32_t KeyType;
  uint16_t KeyLength;
  uint8_t* KeyValue;
  uint32_t VerifyKeyType;
  uint16_t VerifyKeyLength;
  uint8_t* VerifyKeyValue;
} SecPkgContext_NegoKeys, *PSecPkgContext_NegoKeys;

/* PACKAGE_INFO: one block with its strings. */
typedef struct _SecPkgContext_PackageInfoW {
  PSecPkgInfoW PackageInfo;
} SecPkgContext_PackageInfoW, *PSecPkgContext_PackageInfoW;

typedef struct _SecPkgContext_PackageInfoA {
  PSecPkgInfoA PackageInfo;
} SecPkgContext_PackageInfoA, *PSecPkgContext_PackageInfoA;

#define SecPkgContext_PackageInfo SSPI_NAME_AW(SecPkgContext_PackageInfo)
#define PSecPkgContext_PackageInfo SSPI_NAME_AW(PSecPkgContext_PackageInfo)

/* USER_FLAGS */
typedef struct _SecPkgContext_UserFlags {
  uint32_t UserFlags;
} SecPkgContext_UserFlags, *PSecPkgContext_UserFlags;

/* FLAGS: ISC_RET_ or ASC_RET_ bits. */
typedef struct _SecPkgContext_Flags {
  uint32_t Flags;
} SecPkgContext_Flags, *PSecPkgContext_Flags;

/* NegotiationState */
#define SECPKG_NEGOTIATION_COMPLETE 0
#define SECPKG_NEGOTIATION_OPTIMISTIC 1
#define SECPKG_NEGOTIATION_IN_PROGRESS 2
#define SECPKG_NEGOTIATION_DIRECT 3
#define SECPKG_NEGOTIATION_TRY_MULTICRED 4

/* NEGOTIATION_INFO */
typedef struct _SecPkgContext_NegotiationInfoW {
  PSecPkgInfoW PackageInfo;
  uint32_t NegotiationState;
} SecPkgContext_NegotiationInfoW, *PSecPkgContext_NegotiationInfoW;

typedef struct _SecPkgContext_NegotiationInfoA {
  PSecPkgInfoA PackageInfo;
  uint32_t NegotiationState;
} SecPkgContext_NegotiationInfoA, *PSecPkgContext_NegotiationInfoA;

#define SecPkgContext_NegotiationInfo SSPI_NAME_AW(SecPkgContext_NegotiationInfo)
#define PSecPkgContext_NegotiationInfo SSPI_NAME_AW(PSecPkgContext_NegotiationInfo)

/* NATIVE_NAMES. Two strings, each with a FreeContextBuffer of its own. */
typedef struct _SecPkgContext_NativeNamesW {
  SEC_WCHAR* sClientName;
  SEC_WCHAR* sServerName;
} SecPkgContext_NativeNamesW, *PSecPkgContext_NativeNamesW;

typedef struct _SecPkgContext_NativeNamesA {
  SEC_CHAR* sClientName;
  SEC_CHAR* sServerName;
} SecPkgContext_NativeNamesA, *PSecPkgContext_NativeNamesA;

#define SecPkgContext_NativeNames SSPI_NAME_AW(SecPkgContext_NativeNames)
#define PSecPkgContext_NativeNames SSPI_NAME_AW(PSecPkgContext_NativeNames)

/* CREDENTIAL_NAME */
typedef struct _SecPkgContext_CredentialNameW {
  uint32_t CredentialType;
  SEC_WCHAR* sCredentialName;
} SecPkgContext_CredentialNameW, *PSecPkgContext_CredentialNameW;

typedef struct _SecPkgContext_CredentialNameA {
  uint32_t CredentialType;
  SEC_CHAR* sCredentialName;
} SecPkgContext_CredentialNameA, *PSecPkgContext_CredentialNameA;

#define SecPkgContext_CredentialName SSPI_NAME_AW(SecPkgContext_CredentialName)
#define PSecPkgContext_CredentialName SSPI_NAME_AW(PSecPkgContext_CredentialName)

/* ACCESS_TOKEN, of a server's context: as QuerySecurityContextToken, but the context's own. Not for CloseHandle. */
typedef struct _SecPkgContext_AccessToken {
  void* AccessToken;
} SecPkgContext_AccessToken, *PSecPkgContext_AccessToken;

/* TARGET_INFORMATION */
typedef struct _SecPkgContext_TargetInformation {
  uint32_t MarshalledTargetInfoLength;
  uint8_t* MarshalledTargetInfo;
} SecPkgContext_TargetInformation, *PSecPkgContext_TargetInformation;

typedef struct _SecPkgContext_AuthzID {
  uint32_t AuthzIDLength;
  char* AuthzID;
} SecPkgContext_AuthzID, *PSecPkgContext_AuthzID;

/* TARGET */
typedef struct _SecPkgContext_Target {
  uint32_t TargetLength;
  char* Target;
} SecPkgContext_Target, *PSecPkgContext_Target;

/* CLIENT_SPECIFIED_TARGET: wide also from the A function, as on Windows. */
typedef struct _SecPkgContext_ClientSpecifiedTarget {
  SEC_WCHAR* sTargetName;
} SecPkgContext_ClientSpecifiedTarget, *PSecPkgContext_ClientSpecifiedTarget;

/* UNIQUE_BINDINGS, ENDPOINT_BINDINGS */
typedef struct _SecPkgContext_Bindings {
  uint32_t BindingsLength;
  SEC_CHANNEL_BINDINGS* Bindings;
} SecPkgContext_Bindings, *PSecPkgContext_Bindings;

/* LAST_CLIENT_TOKEN_STATUS */
typedef enum _SECPKG_ATTR_LCT_STATUS {
  SecPkgAttrLastClientTokenYes,
  SecPkgAttrLastClientTokenNo,
  SecPkgAttrLastClientTokenMaybe
} SECPKG_ATTR_LCT_STATUS,
    *PSECPKG_ATTR_LCT_STATUS;

typedef struct _SecPkgContext_LastClientTokenStatus {
  SECPKG_ATTR_LCT_STATUS LastClientTokenStatus;
} SecPkgContext_LastClientTokenStatus, *PSecPkgContext_LastClientTokenStatus;

/* PROMPTING_NEEDED */
typedef enum _SECPKG_CRED_CLASS {
  SecPkgCredClass_None = 0,
  SecPkgCredClass_Ephemeral = 10,
  SecPkgCredClass_PersistedGeneric = 20,
  SecPkgCredClass_PersistedSpecific = 30,
  SecPkgCredClass_Explicit = 40
} SECPKG_CRED_CLASS,
    *PSECPKG_CRED_CLASS;

typedef struct _SecPkgContext_CredInfo {
  SECPKG_CRED_CLASS CredClass;
  uint32_t IsPromptingNeeded;
} SecPkgContext_CredInfo, *PSecPkgContext_CredInfo;

/* NEGO_PKG_INFO */
#define SECPKG_ATTR_NEGO_INFO_FLAG_NO_KERBEROS 0x1
#define SECPKG_ATTR_NEGO_INFO_FLAG_NO_NTLM 0x2

typedef struct _SecPkgContext_NegoPackageInfo {
  uint32_t PackageMask;
} SecPkgContext_NegoPackageInfo, *PSecPkgContext_NegoPackageInfo;

/* NEGO_STATUS */
typedef struct _SecPkgContext_NegoStatus {
  uint32_t LastStatus;
} SecPkgContext_NegoStatus, *PSecPkgContext_NegoStatus;

/* SUBJECT_SECURITY_ATTRIBUTES */
typedef struct _SecPkgContext_SubjectAttributes {
  void* AttributeInfo;
} SecPkgContext_SubjectAttributes, *PSecPkgContext_SubjectAttributes;

typedef enum _SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS {
  SecApplicationProtocolNegotiationStatus_None,
  SecApplicationProtocolNegotiationStatus_Success,
  SecApplicationProtocolNegotiationStatus_SelectedClientOnly
} SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS,
    *PSEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS;

#define MAX_PROTOCOL_ID_SIZE 0xff

/* APPLICATION_PROTOCOL */
typedef struct _SecPkgContext_ApplicationProtocol {
  SEC_APPLICATION_PROTOCOL_NEGOTIATION_STATUS ProtoNegoStatus;
  SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT ProtoNegoExt;
  uint8_t ProtocolIdSize;
  uint8_t ProtocolId[MAX_PROTOCOL_ID_SIZE];
} SecPkgContext_ApplicationProtocol, *PSecPkgContext_ApplicationProtocol;

/* NEGOTIATED_TLS_EXTENSIONS */
typedef struct _SecPkgContext_NegotiatedTlsExtensions {
  uint32_t ExtensionsCount;
  uint16_t* Extensions;
} SecPkgContext_NegotiatedTlsExtensions, *PSecPkgContext_NegotiatedTlsExtensions;

typedef struct _SECPKG_APP_MODE_INFO {
  uint32_t UserFunction;
  ULONG_PTR Argument1;
  ULONG_PTR Argument2;
  SecBuffer UserData;
  BOOLEAN ReturnToLsa;
} SECPKG_APP_MODE_INFO, *PSECPKG_APP_MODE_INFO;

/* ---- Identities: the forms of pAuthData ------------------------------------------------------------------------- */

/*
 * Three forms, told apart by their first 32 bits: 0x200 the EX form, 0x201 EX2, anything else the plain form. Lengths
 * are in characters without NUL (EX2: in bytes). Flags says whether the strings are SEC_WINNT_AUTH_IDENTITY_ANSI (UTF-8
 * here) or _UNICODE (UTF-16LE); unknown bits are ignored. The library copies what it needs during the call.
 */
#ifndef _AUTH_IDENTITY_DEFINED
#define _AUTH_IDENTITY_DEFINED

#define SEC_WINNT_AUTH_IDENTITY_ANSI 0x1
#define SEC_WINNT_AUTH_IDENTITY_UNICODE 0x2

typedef struct _SEC_WINNT_AUTH_IDENTITY_W {
  unsigned short* User;
  uint32_t UserLength;
  unsigned short* Domain;
  uint32_t DomainLength;
  unsigned short* Password;
  uint32_t PasswordLength;
  uint32_t Flags;
} SEC_WINNT_AUTH_IDENTITY_W, *PSEC_WINNT_AUTH_IDENTITY_W;

typedef struct _SEC_WINNT_AUTH_IDENTITY_A {
  unsigned char* User;
  uint32_t UserLength;
  unsigned char* Domain;
  uint32_t DomainLength;
  unsigned char* Password;
  uint32_t PasswordLength;
  uint32_t Flags;
} SEC_WINNT_AUTH_IDENTITY_A, *PSEC_WINNT_AUTH_IDENTITY_A;

#define SEC_WINNT_AUTH_IDENTITY SSPI_NAME_UAW(SEC_WINNT_AUTH_IDENTITY)
#define PSEC_WINNT_AUTH_IDENTITY SSPI_NAME_UAW(PSEC_WINNT_AUTH_IDENTITY)
#define _SEC_WINNT_AUTH_IDENTITY SSPI_NAME_UAW(_SEC_WINNT_AUTH_IDENTITY)
#endif

#ifndef SEC_WINNT_AUTH_IDENTITY_VERSION
#define SEC_WINNT_AUTH_IDENTITY_VERSION 0x200

/*
 * Length: sizeof this structure. PackageList: which packages Negotiate may choose, such as "kerberos" or "!ntlm".
 * Without a user the caller's own credentials are meant.
 */
typedef struct _SEC_WINNT_AUTH_IDENTITY_EXW {
  uint32_t Version;
  uint32_t Length;
  unsigned short* User;
  uint32_t UserLength;
  unsigned short* Domain;
  uint32_t DomainLength;
  unsigned short* Password;
  uint32_t PasswordLength;
  uint32_t Flags;
  unsigned short* PackageList;
  uint32_t PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EXW, *PSEC_WINNT_AUTH_IDENTITY_EXW;

typedef struct _SEC_WINNT_AUTH_IDENTITY_EXA {
  uint32_t Version;
  uint32_t Length;
  unsigned char* User;
  uint32_t UserLength;
  unsigned char* Domain;
  uint32_t DomainLength;
  unsigned char* Password;
  uint32_t PasswordLength;
  uint32_t Flags;
  unsigned char* PackageList;
  uint32_t PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EXA, *PSEC_WINNT_AUTH_IDENTITY_EXA;

#define SEC_WINNT_AUTH_IDENTITY_EX SSPI_NAME_AW(SEC_WINNT_AUTH_IDENTITY_EX)
#define PSEC_WINNT_AUTH_IDENTITY_EX SSPI_NAME_AW(PSEC_WINNT_AUTH_IDENTITY_EX)
#endif

#ifndef _AUTH_IDENTITY_EX2_DEFINED
#define _AUTH_IDENTITY_EX2_DEFINED

#define SEC_WINNT_AUTH_IDENTITY_VERSION_2 0x201

/* Offsets in bytes from the start of the structure, lengths in bytes; the data follow in the same block. */
typedef struct _SEC_WINNT_AUTH_IDENTITY_EX2 {
  uint32_t Version;
  uint16_t cbHeaderLength;
  uint32_t cbStructureLength;
  uint32_t UserOffset;
  uint16_t UserLength;
  uint32_t DomainOffset;
  uint16_t DomainLength;
  uint32_t PackedCredentialsOffset;
  uint16_t PackedCredentialsLength;
  uint32_t Flags;
  uint32_t PackageListOffset;
  uint16_t PackageListLength;
} SEC_WINNT_AUTH_IDENTITY_EX2, *PSEC_WINNT_AUTH_IDENTITY_EX2;
#endif

#ifndef _AUTH_IDENTITY_INFO_DEFINED
#define _AUTH_IDENTITY_INFO_DEFINED
typedef union _SEC_WINNT_AUTH_IDENTITY_INFO {
  SEC_WINNT_AUTH_IDENTITY_EXW AuthIdExw;
  SEC_WINNT_AUTH_IDENTITY_EXA AuthIdExa;
  SEC_WINNT_AUTH_IDENTITY_A AuthId_a;
  SEC_WINNT_AUTH_IDENTITY_W AuthId_w;
  SEC_WINNT_AUTH_IDENTITY_EX2 AuthIdEx2;
} SEC_WINNT_AUTH_IDENTITY_INFO, *PSEC_WINNT_AUTH_IDENTITY_INFO;

#define SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED 0x10
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED 0x20
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED 0x40
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_ENCRYPTED 0x80
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_RESERVED 0x10000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_USER 0x20000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_DOMAIN 0x40000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_ID_PROVIDER 0x80000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_USE_MASK 0xFF000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_CREDPROV_DO_NOT_SAVE 0x80000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_SAVE_CRED_BY_CALLER \
  SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_CREDPROV_DO_NOT_SAVE
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_SAVE_CRED_CHECKED 0x40000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_NO_CHECKBOX 0x20000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_CREDPROV_DO_NOT_LOAD 0x10000000
#define SEC_WINNT_AUTH_IDENTITY_FLAGS_VALID_SSPIPFC_FLAGS                                                        \
  (SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_CREDPROV_DO_NOT_SAVE |                                                  \
   SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_SAVE_CRED_CHECKED | SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_NO_CHECKBOX | \
   SEC_WINNT_AUTH_IDENTITY_FLAGS_SSPIPFC_CREDPROV_DO_NOT_LOAD)
#endif

#define SEC_WINNT_AUTH_IDENTITY_MARSHALLED 0x4
#define SEC_WINNT_AUTH_IDENTITY_ONLY 0x8

/* Options of SspiEncryptAuthIdentityEx and SspiDecryptAuthIdentityEx */
#define SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON 1
#define SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS 2
#define SEC_WINNT_AUTH_IDENTITY_ENCRYPT_FOR_SYSTEM 4

/* dwFlags of SspiPromptForCredentials */
#define SSPIPFC_CREDPROV_DO_NOT_SAVE 1
#define SSPIPFC_SAVE_CRED_BY_CALLER SSPIPFC_CREDPROV_DO_NOT_SAVE
#define SSPIPFC_NO_CHECKBOX 2
#define SSPIPFC_CREDPROV_DO_NOT_LOAD 4
#define SSPIPFC_USE_CREDUIBROKER 8
#define SSPIPFC_VALID_FLAGS \
  (SSPIPFC_CREDPROV_DO_NOT_SAVE | SSPIPFC_NO_CHECKBOX | SSPIPFC_CREDPROV_DO_NOT_LOAD | SSPIPFC_USE_CREDUIBROKER)

/* An identity whose form the caller need not know: a SEC_WINNT_AUTH_IDENTITY_EX2 and what follows it. */
typedef PVOID PSEC_WINNT_AUTH_IDENTITY_OPAQUE;

/* What PackedCredentials of an EX2 identity holds. CredType says which; offsets count from the start of the header. */
static const GUID SEC_WINNT_AUTH_DATA_TYPE_PASSWORD
    __attribute__((unused)) = {0x28BFC32F, 0x10F6, 0x4738, {0x98, 0xD1, 0x1A, 0xC0, 0x61, 0xDF, 0x71, 0x6A}};
static const GUID SEC_WINNT_AUTH_DATA_TYPE_KEYTAB
    __attribute__((unused)) = {0xD587AAE8, 0xF78F, 0x4455, {0xA1, 0x12, 0xC9, 0x34, 0xBE, 0xEE, 0x7C, 0xE1}};
static const GUID SEC_WINNT_AUTH_DATA_TYPE_CERT
    __attribute__((unused)) = {0x235F69AD, 0x73FB, 0x4DBC, {0x82, 0x03, 0x06, 0x29, 0xE7, 0x39, 0x33, 0x9B}};
static const GUID SEC_WINNT_AUTH_DATA_TYPE_CREDMAN_CERT
    __attribute__((unused)) = {0x7CB72412, 0x1016, 0x491A, {0x8C, 0x87, 0x4D, 0x2A, 0xA1, 0xB7, 0xDD, 0x3A}};
static const GUID SEC_WINNT_AUTH_DATA_TYPE_NGC
    __attribute__((unused)) = {0x10A47879, 0x5EBF, 0x4B85, {0xBD, 0x8D, 0xC2, 0x1B, 0xB4, 0xF4, 0x9C, 0x8A}};
static const GUID SEC_WINNT_AUTH_DATA_TYPE_FIDO
    __attribute__((unused)) = {0x32E8F8D7, 0x7871, 0x4BCC, {0x83, 0xC5, 0x46, 0x0F, 0x66, 0xC6, 0x13, 0x5C}};
static const GUID SEC_WINNT_AUTH_DATA_TYPE_CSP_DATA
    __attribute__((unused)) = {0x68FD9879, 0x079C, 0x4DFE, {0x82, 0x81, 0x57, 0x8A, 0xAD, 0xC1, 0xC1, 0x00}};
static const GUID SEC_WINNT_AUTH_DATA_TYPE_SMARTCARD_CONTEXTS
    __attribute__((unused)) = {0xB86C4FF3, 0x49D7, 0x4DC4, {0xB5, 0x60, 0xB1, 0x16, 0x36, 0x85, 0xB2, 0x36}};
static const GUID CREDUIWIN_STRUCTURE_TYPE_SSPIPFC
    __attribute__((unused)) = {0x3C3E93D9, 0xD96B, 0x49B5, {0x94, 0xA7, 0x45, 0x85, 0x92, 0x08, 0x83, 0x37}};
static const GUID SSPIPFC_STRUCTURE_TYPE_CREDUI_CONTEXT
    __attribute__((unused)) = {0xC2FFFE6F, 0x503D, 0x4C3D, {0xA9, 0x5E, 0xBC, 0xE8, 0x21, 0x21, 0x3D, 0x44}};

typedef struct _SEC_WINNT_AUTH_BYTE_VECTOR {
  uint32_t ByteArrayOffset;
  uint16_t ByteArrayLength;
} SEC_WINNT_AUTH_BYTE_VECTOR, *PSEC_WINNT_AUTH_BYTE_VECTOR;

typedef struct _SEC_WINNT_AUTH_DATA {
  GUID CredType;
  SEC_WINNT_AUTH_BYTE_VECTOR CredData;
} SEC_WINNT_AUTH_DATA, *PSEC_WINNT_AUTH_DATA;

typedef struct _SEC_WINNT_AUTH_PACKED_CREDENTIALS {
  uint16_t cbHeaderLength;
  uint16_t cbStructureLength;
  SEC_WINNT_AUTH_DATA AuthData;
} SEC_WINNT_AUTH_PACKED_CREDENTIALS, *PSEC_WINNT_AUTH_PACKED_CREDENTIALS;

typedef struct _SEC_WINNT_AUTH_DATA_PASSWORD {
  SEC_WINNT_AUTH_BYTE_VECTOR UnicodePassword;
} SEC_WINNT_AUTH_DATA_PASSWORD, *PSEC_WINNT_AUTH_DATA_PASSWORD;

typedef struct _SEC_WINNT_AUTH_CERTIFICATE_DATA {
  uint16_t cbHeaderLength;
  uint16_t cbStructureLength;
  SEC_WINNT_AUTH_BYTE_VECTOR Certificate;
} SEC_WINNT_AUTH_CERTIFICATE_DATA, *PSEC_WINNT_AUTH_CERTIFICATE_DATA;

#define NGC_DATA_FLAG_KERB_CERTIFICATE_LOGON_FLAG_CHECK_DUPLICATES 1
#define NGC_DATA_FLAG_KERB_CERTIFICATE_LOGON_FLAG_USE_CERTIFICATE_INFO 2
#define NGC_DATA_FLAG_IS_SMARTCARD_DATA 4

typedef struct _SEC_WINNT_AUTH_NGC_DATA {
  LUID LogonId;
  uint32_t Flags;
  SEC_WINNT_AUTH_BYTE_VECTOR CspInfo;
  SEC_WINNT_AUTH_BYTE_VECTOR UserIdKeyAuthTicket;
  SEC_WINNT_AUTH_BYTE_VECTOR DecryptionKeyName;
  SEC_WINNT_AUTH_BYTE_VECTOR DecryptionKeyAuthTicket;
} SEC_WINNT_AUTH_NGC_DATA, *PSEC_WINNT_AUTH_NGC_DATA;

typedef struct _SEC_WINNT_AUTH_DATA_TYPE_SMARTCARD_CONTEXTS_DATA {
  PVOID pcc;
  PVOID hProv;
  LPWSTR pwszECDHKeyName;
} SEC_WINNT_AUTH_DATA_TYPE_SMARTCARD_CONTEXTS_DATA, *PSEC_WINNT_AUTH_DATA_TYPE_SMARTCARD_CONTEXTS_DATA;

typedef struct _SEC_WINNT_AUTH_FIDO_DATA {
  uint16_t cbHeaderLength;
  uint16_t cbStructureLength;
  SEC_WINNT_AUTH_BYTE_VECTOR Secret;
  SEC_WINNT_AUTH_BYTE_VECTOR NewSecret;
  SEC_WINNT_AUTH_BYTE_VECTOR EncryptedNewSecret;
  SEC_WINNT_AUTH_BYTE_VECTOR NetworkLogonBuffer;
  uint64_t ulSignatureCount;
} SEC_WINNT_AUTH_FIDO_DATA, *PSEC_WINNT_AUTH_FIDO_DATA;

typedef struct _SEC_WINNT_CREDUI_CONTEXT_VECTOR {
  uint32_t CredUIContextArrayOffset;
  uint16_t CredUIContextCount;
} SEC_WINNT_CREDUI_CONTEXT_VECTOR, *PSEC_WINNT_CREDUI_CONTEXT_VECTOR;

typedef struct _SEC_WINNT_AUTH_SHORT_VECTOR {
  uint32_t ShortArrayOffset;
  uint16_t ShortArrayCount;
} SEC_WINNT_AUTH_SHORT_VECTOR, *PSEC_WINNT_AUTH_SHORT_VECTOR;

typedef struct _CREDUIWIN_MARSHALED_CONTEXT {
  GUID StructureType;
  uint16_t cbHeaderLength;
  LUID LogonId;
  GUID MarshaledDataType;
  uint32_t MarshaledDataOffset;
  uint16_t MarshaledDataLength;
} CREDUIWIN_MARSHALED_CONTEXT, *PCREDUIWIN_MARSHALED_CONTEXT;

typedef struct _SEC_WINNT_CREDUI_CONTEXT {
  uint16_t cbHeaderLength;
  HANDLE CredUIContextHandle;
  PVOID UIInfo;
  uint32_t dwAuthError;
  PSEC_WINNT_AUTH_IDENTITY_OPAQUE pInputAuthIdentity;
  PUNICODE_STRING TargetName;
} SEC_WINNT_CREDUI_CONTEXT, *PSEC_WINNT_CREDUI_CONTEXT;

typedef struct _SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX {
  uint16_t cbHeaderLength;
  uint32_t Flags;
  SEC_WINNT_AUTH_BYTE_VECTOR PackedCredentials;
  SEC_WINNT_AUTH_SHORT_VECTOR PackageList;
} SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX, *PSEC_WINNT_AUTH_PACKED_CREDENTIALS_EX;

/* ---- Credentials ------------------------------------------------------------------------------------------------ */

/* Never called: pGetKeyFn is accepted and ignored. */
typedef void(SEC_ENTRY* SEC_GET_KEY_FN)(void* Arg, void* Principal, ULONG KeyVer, void** Key, SECURITY_STATUS* Status);

/*
 * Gives a handle to credentials: a user's tickets, a service's keys, or a user name and password.
 *
 * Contacts no KDC: a wrong password shows only in InitializeSecurityContext.
 *
 * While the thread acts for a client (ImpersonateSecurityContext), outbound credentials without an identity are that
 * client's and never the caller's own: the tickets that the client forwarded, else what the KDC lets the service have
 * in the client's name (S4U2Proxy; asked for by ASC_REQ_DELEGATE or a credential for BOTH when the client was
 * accepted). Such a handle stays good after RevertSecurityContext.
 *
 * pszPrincipal      whose credentials, NULL for the caller's own. A hint only for a service whose keytab spells its
 *                   names otherwise. Ignored when pAuthData names a user.
 * pszPackage        "Negotiate", "Kerberos" or "NTLM".
 * fCredentialUse    SECPKG_CRED_OUTBOUND, _INBOUND or _BOTH.
 * pvLogonId         NULL, or a zero LUID.
 * pAuthData         NULL, or an identity in its plain, EX or EX2 form. Copied; wipe and free it right after the call.
 * An EX2 identity holds a packed password, or a packed keytab: its keys log a client on as the user, or as the first
 * principal where no user is named, and are those that a server accepts with. pGetKeyFn, pvGetKeyArgument   ignored.
 * phCredential      out. Free with FreeCredentialsHandle. {-1, -1} after a failure.
 * ptsExpiry         out, may be NULL. The ticket's end; "never" for a password that has not been used yet.
 *
 * SEC_E_NO_CREDENTIALS       no ticket cache, no keytab, or neither holds what is asked for.
 *                            The client that the thread acts for has delegated nothing.
 * SEC_E_NOT_OWNER            the daemon's policy does not let this process act as that principal, or this process, or
 *                            the daemon for it, may not read the ticket cache.
 * SEC_E_UNKNOWN_CREDENTIALS  fCredentialUse is none of the above, or what is packed in pAuthData is neither a password
 *                            nor a keytab.
 * SEC_E_SECPKG_NOT_FOUND     no such package, or its mechanism is not installed.
 * SEC_E_INVALID_PARAMETER    pAuthData is malformed, or a text too long or not valid UTF-8 or UTF-16.
 *
 * Microsoft: AcquireCredentialsHandle (General, Kerberos, Negotiate, NTLM).
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleW(SEC_WCHAR* pszPrincipal, SEC_WCHAR* pszPackage,
                                                                ULONG fCredentialUse, void* pvLogonId, void* pAuthData,
                                                                SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument,
                                                                PCredHandle phCredential, PTimeStamp ptsExpiry);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleA(SEC_CHAR* pszPrincipal, SEC_CHAR* pszPackage,
                                                                ULONG fCredentialUse, void* pvLogonId, void* pAuthData,
                                                                SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument,
                                                                PCredHandle phCredential, PTimeStamp ptsExpiry);
#define AcquireCredentialsHandle SSPI_NAME_AW(AcquireCredentialsHandle)
typedef SECURITY_STATUS(SEC_ENTRY* ACQUIRE_CREDENTIALS_HANDLE_FN_W)(SEC_WCHAR* pszPrincipal, SEC_WCHAR* pszPackage,
                                                                    ULONG fCredentialUse, void* pvLogonId,
                                                                    void* pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                                    void* pvGetKeyArgument, PCredHandle phCredential,
                                                                    PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* ACQUIRE_CREDENTIALS_HANDLE_FN_A)(SEC_CHAR* pszPrincipal, SEC_CHAR* pszPackage,
                                                                    ULONG fCredentialUse, void* pvLogonId,
                                                                    void* pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                                    void* pvGetKeyArgument, PCredHandle phCredential,
                                                                    PTimeStamp ptsExpiry);
#define ACQUIRE_CREDENTIALS_HANDLE_FN SSPI_NAME_UAW(ACQUIRE_CREDENTIALS_HANDLE_FN)

/*
 * Frees credentials. Contexts that were made from them stay usable.
 *
 * Writes SEC_DELETED_HANDLE into both words of *phCredential, so that freeing twice is noticed.
 *
 * SEC_E_INVALID_HANDLE  no such credentials, or freed already.
 *
 * FreeCredentialHandle is another name for it. Microsoft: FreeCredentialsHandle.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY FreeCredentialsHandle(PCredHandle phCredential);
typedef SECURITY_STATUS(SEC_ENTRY* FREE_CREDENTIALS_HANDLE_FN)(PCredHandle phCredential);
#define FreeCredentialHandle FreeCredentialsHandle

/*
 * Adds further credentials to those of a handle, which names the whole afterwards. Where the call fails the handle
 * names what it did. Contexts, also half-built ones, keep the credentials that they were made from.
 *
 * Outbound: they take the place of those that the handle initiated with. Inbound: keys are accepted beside the handle's
 * own, those of pszPrincipal or of a packed keytab.
 *
 * pszPackage        the handle's package or, for a Negotiate handle, one that it chooses from: its part alone.
 * All other arguments are those of AcquireCredentialsHandle.
 *
 * SEC_E_INVALID_HANDLE        no such credentials.
 * SEC_E_UNSUPPORTED_FUNCTION  the handle's package has no part of pszPackage, or its package list leaves that out.
 * All others are those of AcquireCredentialsHandle.
 *
 * Microsoft: AddCredentials.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY AddCredentialsW(PCredHandle hCredentials, SEC_WCHAR* pszPrincipal,
                                                      SEC_WCHAR* pszPackage, ULONG fCredentialUse, void* pAuthData,
                                                      SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument,
                                                      PTimeStamp ptsExpiry);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY AddCredentialsA(PCredHandle hCredentials, SEC_CHAR* pszPrincipal,
                                                      SEC_CHAR* pszPackage, ULONG fCredentialUse, void* pAuthData,
                                                      SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument,
                                                      PTimeStamp ptsExpiry);
#define AddCredentials SSPI_NAME_AW(AddCredentials)
typedef SECURITY_STATUS(SEC_ENTRY* ADD_CREDENTIALS_FN_W)(PCredHandle hCredentials, SEC_WCHAR* pszPrincipal,
                                                         SEC_WCHAR* pszPackage, ULONG fCredentialUse, void* pAuthData,
                                                         SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument,
                                                         PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* ADD_CREDENTIALS_FN_A)(PCredHandle hCredentials, SEC_CHAR* pszPrincipal,
                                                         SEC_CHAR* pszPackage, ULONG fCredentialUse, void* pAuthData,
                                                         SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument,
                                                         PTimeStamp ptsExpiry);
#define ADD_CREDENTIALS_FN SSPI_NAME_UAW(ADD_CREDENTIALS_FN)

/*
 * Tells an attribute of credentials: SECPKG_CRED_ATTR_NAMES, which names their principal ("user@REALM").
 *
 * pBuffer points to the attribute's structure, which is the caller's; free the string in it with FreeContextBuffer.
 *
 * SEC_E_UNSUPPORTED_FUNCTION  any other attribute. *pBuffer is untouched.
 *
 * Microsoft: QueryCredentialsAttributes.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesW(PCredHandle phCredential, ULONG ulAttribute,
                                                                  void* pBuffer);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesA(PCredHandle phCredential, ULONG ulAttribute,
                                                                  void* pBuffer);
#define QueryCredentialsAttributes SSPI_NAME_AW(QueryCredentialsAttributes)
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CREDENTIALS_ATTRIBUTES_FN_W)(PCredHandle phCredential, ULONG ulAttribute,
                                                                      void* pBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CREDENTIALS_ATTRIBUTES_FN_A)(PCredHandle phCredential, ULONG ulAttribute,
                                                                      void* pBuffer);
#define QUERY_CREDENTIALS_ATTRIBUTES_FN SSPI_NAME_UAW(QUERY_CREDENTIALS_ATTRIBUTES_FN)

/*
 * As QueryCredentialsAttributes, with the size of the structure in bytes in cbBuffer.
 *
 * SEC_E_BUFFER_TOO_SMALL  cbBuffer is less than the structure; *pBuffer is untouched.
 *
 * Microsoft: QueryCredentialsAttributesEx.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExW(PCredHandle phCredential, ULONG ulAttribute,
                                                                    void* pBuffer, ULONG cbBuffer);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExA(PCredHandle phCredential, ULONG ulAttribute,
                                                                    void* pBuffer, ULONG cbBuffer);
#define QueryCredentialsAttributesEx SSPI_NAME_AW(QueryCredentialsAttributesEx)
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W)(PCredHandle phCredential, ULONG ulAttribute,
                                                                         void* pBuffer, ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A)(PCredHandle phCredential, ULONG ulAttribute,
                                                                         void* pBuffer, ULONG cbBuffer);
#define QUERY_CREDENTIALS_ATTRIBUTES_EX_FN SSPI_NAME_UAW(QUERY_CREDENTIALS_ATTRIBUTES_EX_FN)

/*
 * Changes an attribute of credentials: SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, an HTTPS proxy to KDCs (MS-KKDCP).
 *
 * From now on these credentials log on, and get their tickets, through it: only through it with
 * KDC_PROXY_SETTINGS_FLAGS_FORCEPROXY, else where no KDC answers directly. Delegating tickets still takes a KDC. Whose
 * certificates are trusted says krb5.conf (http_anchors).
 *
 * pBuffer           a SecPkgCredentials_KdcProxySettingsW and what its offsets point to, in one block. ProxyServer is
 *                   "https://host:port/path" in UTF-16, or without the parts that are usual: https, 443 and KdcProxy. A
 *                   length of 0 takes the proxy back.
 * cbBuffer          bytes at pBuffer.
 *
 * SEC_E_INVALID_HANDLE        no such credentials.
 * SEC_E_INVALID_PARAMETER     a version, offset or length that is wrong, or a name that is no host's and no URL.
 * SEC_E_UNSUPPORTED_FUNCTION  any other attribute; NTLM; a certificate of the client (ClientTlsCred).
 *
 * Microsoft: SetCredentialsAttributes.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesW(PCredHandle phCredential, ULONG ulAttribute,
                                                                void* pBuffer, ULONG cbBuffer);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesA(PCredHandle phCredential, ULONG ulAttribute,
                                                                void* pBuffer, ULONG cbBuffer);
#define SetCredentialsAttributes SSPI_NAME_AW(SetCredentialsAttributes)
typedef SECURITY_STATUS(SEC_ENTRY* SET_CREDENTIALS_ATTRIBUTES_FN_W)(PCredHandle phCredential, ULONG ulAttribute,
                                                                    void* pBuffer, ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* SET_CREDENTIALS_ATTRIBUTES_FN_A)(PCredHandle phCredential, ULONG ulAttribute,
                                                                    void* pBuffer, ULONG cbBuffer);
#define SET_CREDENTIALS_ATTRIBUTES_FN SSPI_NAME_UAW(SET_CREDENTIALS_ATTRIBUTES_FN)

/* ---- Establishing a context ------------------------------------------------------------------------------------- */

/*
 * Does the client's next step in establishing a context: takes the server's token, makes the next one for it.
 *
 * Call it until it returns SEC_E_OK; while it returns SEC_I_CONTINUE_NEEDED, send the token, receive one, call again.
 * A token (cbBuffer > 0) must be sent after SEC_E_OK too, and may be there after a failure (ISC_REQ_EXTENDED_ERROR):
 * send it, then close.
 *
 * phCredential   from AcquireCredentialsHandle, OUTBOUND or BOTH. Later calls may pass NULL.
 * phContext      NULL in the first call, then the context.
 * pszTargetName  "service/host[:port][@REALM]", "user@REALM"; what names the server to the KDC. At most 1024
 *                characters. Read in the first call only. NTLM needs none.
 * fContextReq    ISC_REQ_ flags. The first call's count; later ones only for ALLOCATE_MEMORY.
 * Reserved1, Reserved2, TargetDataRep   no effect; pass 0, 0 and SECURITY_NATIVE_DREP.
 * pInput         NULL in the first call (or with SECBUFFER_CHANNEL_BINDINGS), then the server's SECBUFFER_TOKEN.
 * phNewContext   out, required; may be the same variable as phContext. {-1, -1} when the first call fails. Once a call
 *                has succeeded, DeleteSecurityContext is due, whatever later calls return.
 * pOutput        one SECBUFFER_TOKEN. cbBuffer: in, the capacity in bytes (cbMaxToken always suffices); out, the
 *                length, 0 if there is no token. With ISC_REQ_ALLOCATE_MEMORY the library sets pvBuffer: free it with
 *                FreeContextBuffer.
 * pfContextAttr  out, may be NULL: ISC_RET_ flags, final only with SEC_E_OK. Check what you rely on: a flag that was
 *                requested need not have been granted.
 * ptsExpiry      out, may be NULL. Meaningful with SEC_E_OK.
 *
 * SEC_E_OK                    finished. Also after a call without a token.
 * SEC_I_CONTINUE_NEEDED       send the token, wait for the answer, call again.
 * SEC_E_BUFFER_TOO_SMALL      cbBuffer tells the size needed; repeat the call with the same input and a larger buffer.
 * SEC_E_INVALID_TOKEN         the server's token is malformed or of another package, or pOutput lacks a TOKEN.
 * SEC_E_TARGET_UNKNOWN        the KDC does not know pszTargetName.
 * SEC_E_WRONG_PRINCIPAL       the server is not the one that pszTargetName names.
 * SEC_E_LOGON_DENIED          wrong user or password; expired or locked account.
 * SEC_E_NO_CREDENTIALS        the tickets have expired or vanished, or phCredential is INBOUND only.
 * SEC_E_NO_AUTHENTICATING_AUTHORITY  no KDC of the realm can be reached.
 * SEC_E_TIME_SKEW             the clocks differ too much.
 * SEC_E_WRONG_CREDENTIAL_HANDLE  a later call with other credentials than the first.
 * SEC_E_UNSUPPORTED_FUNCTION  a flag that the package does not know, or the context is finished already.
 * Also, from the KDC or the mechanism: SEC_E_BAD_BINDINGS, SEC_E_CONTEXT_EXPIRED, SEC_E_DELEGATION_REQUIRED,
 * SEC_E_KDC_INVALID_REQUEST, SEC_E_KDC_UNKNOWN_ETYPE, SEC_E_MAX_REFERRALS_EXCEEDED, SEC_E_NO_KERB_KEY,
 * SEC_E_NO_S4U_PROT_SUPPORT, SEC_E_NO_TGT_REPLY, SEC_E_NOT_OWNER, SEC_E_OUT_OF_SEQUENCE, SEC_E_SECURITY_QOS_FAILED,
 * SEC_E_ALGORITHM_MISMATCH, SEC_E_UNSUPPORTED_PREAUTH. The context cannot go on after any of these.
 *
 * RFC 2743 section 2.2.1, RFC 4120, RFC 4178. Microsoft: InitializeSecurityContext (General, Kerberos, Negotiate,
 * NTLM).
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY InitializeSecurityContextW(PCredHandle phCredential, PCtxtHandle phContext,
                                                                 SEC_WCHAR* pszTargetName, ULONG fContextReq,
                                                                 ULONG Reserved1, ULONG TargetDataRep,
                                                                 PSecBufferDesc pInput, ULONG Reserved2,
                                                                 PCtxtHandle phNewContext, PSecBufferDesc pOutput,
                                                                 ULONG* pfContextAttr, PTimeStamp ptsExpiry);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY InitializeSecurityContextA(PCredHandle phCredential, PCtxtHandle phContext,
                                                                 SEC_CHAR* pszTargetName, ULONG fContextReq,
                                                                 ULONG Reserved1, ULONG TargetDataRep,
                                                                 PSecBufferDesc pInput, ULONG Reserved2,
                                                                 PCtxtHandle phNewContext, PSecBufferDesc pOutput,
                                                                 ULONG* pfContextAttr, PTimeStamp ptsExpiry);
#define InitializeSecurityContext SSPI_NAME_AW(InitializeSecurityContext)
typedef SECURITY_STATUS(SEC_ENTRY* INITIALIZE_SECURITY_CONTEXT_FN_W)(PCredHandle phCredential, PCtxtHandle phContext,
                                                                     SEC_WCHAR* pszTargetName, ULONG fContextReq,
                                                                     ULONG Reserved1, ULONG TargetDataRep,
                                                                     PSecBufferDesc pInput, ULONG Reserved2,
                                                                     PCtxtHandle phNewContext, PSecBufferDesc pOutput,
                                                                     ULONG* pfContextAttr, PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* INITIALIZE_SECURITY_CONTEXT_FN_A)(PCredHandle phCredential, PCtxtHandle phContext,
                                                                     SEC_CHAR* pszTargetName, ULONG fContextReq,
                                                                     ULONG Reserved1, ULONG TargetDataRep,
                                                                     PSecBufferDesc pInput, ULONG Reserved2,
                                                                     PCtxtHandle phNewContext, PSecBufferDesc pOutput,
                                                                     ULONG* pfContextAttr, PTimeStamp ptsExpiry);
#define INITIALIZE_SECURITY_CONTEXT_FN SSPI_NAME_UAW(INITIALIZE_SECURITY_CONTEXT_FN)

/*
 * Does the server's next step in establishing a context: takes the client's token, makes the answer to it.
 *
 * Call it until it returns SEC_E_OK, as InitializeSecurityContext. A token must be sent after SEC_E_OK too. Bound the
 * time you wait for a client. Under Negotiate bare Kerberos and NTLM tokens are accepted as well.
 *
 * phCredential   from AcquireCredentialsHandle, INBOUND or BOTH.
 * phContext      NULL in the first call, then the context.
 * pInput         the client's SECBUFFER_TOKEN; SECBUFFER_CHANNEL_BINDINGS if the connection has them.
 * fContextReq    ASC_REQ_ flags.
 * phNewContext, pOutput, pfContextAttr (ASC_RET_ flags), ptsExpiry   as for InitializeSecurityContext. Where pOutput
 *                has a SECBUFFER_CHANNEL_BINDINGS_RESULT, its SEC_CHANNEL_BINDINGS_RESULT tells how bindings were
 *                judged: 0 as long as they were not, and beside SEC_E_BAD_BINDINGS, too.
 *
 * SEC_E_OK                 the client is authenticated: ask for SECPKG_ATTR_NAMES.
 * SEC_I_CONTINUE_NEEDED    send the token, wait for the answer, call again.
 * SEC_E_BUFFER_TOO_SMALL   as for InitializeSecurityContext.
 * SEC_E_INVALID_TOKEN      the client's token is malformed, empty or of another package.
 * SEC_E_LOGON_DENIED       the client is not who it says, replayed a token, or used a key that the keytab no longer
 *     has.
 * SEC_E_BAD_BINDINGS       channel bindings differ, or are missing without ASC_REQ_ALLOW_MISSING_BINDINGS.
 * SEC_E_NO_CREDENTIALS, SEC_E_NO_KERB_KEY   the keytab has no key that fits.
 * SEC_E_UNKNOWN_CREDENTIALS   phCredential is OUTBOUND only.
 * SEC_E_TIME_SKEW          the clocks differ too much.
 * SEC_E_UNSUPPORTED_FUNCTION   a flag that the package does not know, or the context is finished already.
 * SEC_E_INVALID_PARAMETER  the channel bindings are malformed, or flags exclude each other.
 * Also SEC_E_ALGORITHM_MISMATCH, SEC_E_CONTEXT_EXPIRED, SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_OUT_OF_SEQUENCE,
 * SEC_E_SECURITY_QOS_FAILED, SEC_E_WRONG_CREDENTIAL_HANDLE.
 *
 * RFC 2743 section 2.2.2. Microsoft: AcceptSecurityContext (General, Kerberos, Negotiate, NTLM).
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY AcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext,
                                                            PSecBufferDesc pInput, ULONG fContextReq,
                                                            ULONG TargetDataRep, PCtxtHandle phNewContext,
                                                            PSecBufferDesc pOutput, ULONG* pfContextAttr,
                                                            PTimeStamp ptsExpiry);
typedef SECURITY_STATUS(SEC_ENTRY* ACCEPT_SECURITY_CONTEXT_FN)(PCredHandle phCredential, PCtxtHandle phContext,
                                                               PSecBufferDesc pInput, ULONG fContextReq,
                                                               ULONG TargetDataRep, PCtxtHandle phNewContext,
                                                               PSecBufferDesc pOutput, ULONG* pfContextAttr,
                                                               PTimeStamp ptsExpiry);

/*
 * Completes a token after SEC_I_COMPLETE_NEEDED, which no package here returns: SEC_E_OK for every context.
 *
 * Microsoft: CompleteAuthToken.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY CompleteAuthToken(PCtxtHandle phContext, PSecBufferDesc pToken);
typedef SECURITY_STATUS(SEC_ENTRY* COMPLETE_AUTH_TOKEN_FN)(PCtxtHandle phContext, PSecBufferDesc pToken);

/*
 * Deletes a context in whatever state it is, and with it its keys and what it was delegated.
 *
 * Nothing is sent to the peer. Writes SEC_DELETED_HANDLE into both words of *phContext; deleting that again is
 * SEC_E_OK.
 *
 * SEC_E_INVALID_HANDLE  no such context.
 *
 * Microsoft: DeleteSecurityContext.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY DeleteSecurityContext(PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY* DELETE_SECURITY_CONTEXT_FN)(PCtxtHandle phContext);

/*
 * Controls a TLS context, so SEC_E_UNSUPPORTED_FUNCTION for every context here.
 *
 * Microsoft: ApplyControlToken.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY ApplyControlToken(PCtxtHandle phContext, PSecBufferDesc pInput);
typedef SECURITY_STATUS(SEC_ENTRY* APPLY_CONTROL_TOKEN_FN)(PCtxtHandle phContext, PSecBufferDesc pInput);

typedef enum _SecDelegationType {
  SecFull,
  SecService,
  SecTree,
  SecDirectory,
  SecObject
} SecDelegationType,
    *PSecDelegationType;

/*
 * Delegates the client's credentials, in an obsolete way. Use ISC_REQ_DELEGATE with ISC_REQ_MUTUAL_AUTH.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY DelegateSecurityContext(PCtxtHandle phContext, SEC_CHAR* pszTarget,
                                                              SecDelegationType DelegationType, PTimeStamp pExpiry,
                                                              PSecBuffer pPackageParameters, PSecBufferDesc pOutput);

/* ---- Context attributes ----------------------------------------------------------------------------------------- */

/*
 * Tells an attribute of a context: sizes, names, lifetime, key, package.
 *
 * pBuffer points to the attribute's structure, which is the caller's. Each pointer that the library sets in it is
 * freed with a FreeContextBuffer of its own. Before the context is finished only PACKAGE_INFO, NEGOTIATION_INFO, FLAGS
 * and LAST_CLIENT_TOKEN_STATUS can be asked for. docs/functions.md tells which packages have what.
 *
 * SEC_E_INVALID_HANDLE        no such context, or it is not finished.
 * SEC_E_UNSUPPORTED_FUNCTION  the package has no such attribute. *pBuffer is untouched, as by every failure.
 *
 * Microsoft: QueryContextAttributes (General, Kerberos, Negotiate, NTLM).
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY QueryContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY QueryContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer);
#define QueryContextAttributes SSPI_NAME_AW(QueryContextAttributes)
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CONTEXT_ATTRIBUTES_FN_W)(PCtxtHandle phContext, ULONG ulAttribute,
                                                                  void* pBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CONTEXT_ATTRIBUTES_FN_A)(PCtxtHandle phContext, ULONG ulAttribute,
                                                                  void* pBuffer);
#define QUERY_CONTEXT_ATTRIBUTES_FN SSPI_NAME_UAW(QUERY_CONTEXT_ATTRIBUTES_FN)

/*
 * As QueryContextAttributes, with the size of the structure in bytes in cbBuffer.
 *
 * SEC_E_BUFFER_TOO_SMALL  cbBuffer is less than the structure; *pBuffer is untouched.
 *
 * Microsoft: QueryContextAttributesEx.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY QueryContextAttributesExW(PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer,
                                                                ULONG cbBuffer);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY QueryContextAttributesExA(PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer,
                                                                ULONG cbBuffer);
#define QueryContextAttributesEx SSPI_NAME_AW(QueryContextAttributesEx)
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CONTEXT_ATTRIBUTES_EX_FN_W)(PCtxtHandle phContext, ULONG ulAttribute,
                                                                     void* pBuffer, ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_CONTEXT_ATTRIBUTES_EX_FN_A)(PCtxtHandle phContext, ULONG ulAttribute,
                                                                     void* pBuffer, ULONG cbBuffer);
#define QUERY_CONTEXT_ATTRIBUTES_EX_FN SSPI_NAME_UAW(QUERY_CONTEXT_ATTRIBUTES_EX_FN)

/*
 * Changes an attribute of a TLS context, so SEC_E_UNSUPPORTED_FUNCTION for every context here.
 *
 * Microsoft: SetContextAttributes.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SetContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer,
                                                            ULONG cbBuffer);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SetContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer,
                                                            ULONG cbBuffer);
#define SetContextAttributes SSPI_NAME_AW(SetContextAttributes)
typedef SECURITY_STATUS(SEC_ENTRY* SET_CONTEXT_ATTRIBUTES_FN_W)(PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer,
                                                                ULONG cbBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* SET_CONTEXT_ATTRIBUTES_FN_A)(PCtxtHandle phContext, ULONG ulAttribute, void* pBuffer,
                                                                ULONG cbBuffer);
#define SET_CONTEXT_ATTRIBUTES_FN SSPI_NAME_UAW(SET_CONTEXT_ATTRIBUTES_FN)

/* ---- Messages --------------------------------------------------------------------------------------------------- */

/*
 * Signs a message that travels in the clear. The signature goes to the peer's VerifySignature or gss_verify_mic.
 *
 * fQOP          0.
 * pMessage      one or more SECBUFFER_DATA, signed in their order, up to 16 MiB together; one SECBUFFER_TOKEN with
 *               room for cbMaxSignature bytes, whose cbBuffer becomes the signature's length.
 * MessageSeqNo  ignored: the packages count by themselves.
 *
 * SEC_E_BUFFER_TOO_SMALL   the TOKEN is too small. Nothing is written, no sequence number used up.
 * SEC_E_INVALID_TOKEN      DATA or TOKEN is missing.
 * SEC_E_QOP_NOT_SUPPORTED  fQOP is not 0, or the context has no integrity.
 * SEC_E_CONTEXT_EXPIRED    the context's lifetime is over.
 * SEC_E_INVALID_PARAMETER  more than 16 MiB.
 * SEC_E_UNSUPPORTED_FUNCTION   an empty message with NTLM.
 *
 * RFC 4121 section 4.2.6.1. Microsoft: MakeSignature.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY MakeSignature(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                                    ULONG MessageSeqNo);
typedef SECURITY_STATUS(SEC_ENTRY* MAKE_SIGNATURE_FN)(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                                      ULONG MessageSeqNo);

/*
 * Verifies a signature made by MakeSignature or gss_get_mic. Writes into no buffer.
 *
 * pMessage      the SECBUFFER_DATA in the signer's order, and the SECBUFFER_TOKEN, whose cbBuffer is the length
 *               received.
 * MessageSeqNo  ignored.
 * pfQOP         out, may be NULL: 0.
 *
 * SEC_E_MESSAGE_ALTERED    message and signature do not belong together.
 * SEC_E_OUT_OF_SEQUENCE    a replay, a gap or another order, where ISC_REQ_REPLAY_DETECT or _SEQUENCE_DETECT was
 *     granted.
 * SEC_E_INVALID_TOKEN      DATA or TOKEN is missing, or the TOKEN is no signature.
 * SEC_E_QOP_NOT_SUPPORTED  the context has no integrity.
 * SEC_E_CONTEXT_EXPIRED    the context's lifetime is over.
 *
 * RFC 4121 section 4.2.6.1. Microsoft: VerifySignature.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY VerifySignature(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                                      ULONG MessageSeqNo, ULONG* pfQOP);
typedef SECURITY_STATUS(SEC_ENTRY* VERIFY_SIGNATURE_FN)(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                                        ULONG MessageSeqNo, ULONG* pfQOP);

/*
 * Encrypts a message in place, for the peer's DecryptMessage or gss_unwrap.
 *
 * The peer gets the contents of TOKEN, DATA and PADDING, in this order and with the lengths that cbBuffer has
 * afterwards.
 *
 * fQOP          0, or SECQOP_WRAP_NO_ENCRYPT for integrity only.
 * pMessage      one SECBUFFER_TOKEN with room for cbSecurityTrailer bytes; one or more SECBUFFER_DATA, encrypted in
 *               place and in their order, up to 16 MiB together; SECBUFFER_PADDING with room for cbBlockSize bytes,
 *               which old encryption types need (RC4, DES3). Or STREAM_HEADER, DATA, STREAM_TRAILER. READONLY buffers
 *               are left out; READONLY_WITH_CHECKSUM ones are protected but not encrypted.
 * MessageSeqNo  ignored: the packages count by themselves.
 *
 * SEC_E_BUFFER_TOO_SMALL   TOKEN or PADDING is too small. DATA is untouched, no sequence number used up.
 * SEC_E_INVALID_TOKEN      DATA or TOKEN is missing.
 * SEC_E_QOP_NOT_SUPPORTED  fQOP is unknown, or the context lacks the protection asked for.
 * SEC_E_CONTEXT_EXPIRED    the context's lifetime is over.
 * SEC_E_CRYPTO_SYSTEM_INVALID   the key's encryption type is not usable.
 * SEC_E_INVALID_PARAMETER  more than 16 MiB.
 * SEC_E_UNSUPPORTED_FUNCTION   an empty message with NTLM.
 *
 * RFC 4121 section 4.2.6.2. Microsoft: EncryptMessage (General, Kerberos, Negotiate, NTLM).
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY EncryptMessage(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                                     ULONG MessageSeqNo);
typedef SECURITY_STATUS(SEC_ENTRY* ENCRYPT_MESSAGE_FN)(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                                       ULONG MessageSeqNo);

/*
 * Decrypts a message in place that EncryptMessage or gss_wrap has made.
 *
 * pMessage      SECBUFFER_TOKEN, SECBUFFER_DATA (several are allowed) and SECBUFFER_PADDING as they were sent, each
 *               with the length received: DATA becomes the plaintext, cbBuffer its length. Or SECBUFFER_STREAM with
 *               the whole message and an empty SECBUFFER_DATA, which then points into the STREAM buffer: nothing to
 *               free.
 * MessageSeqNo  ignored.
 * pfQOP         out, may be NULL: 0, or SECQOP_WRAP_NO_ENCRYPT if the message was not encrypted. Whoever needs
 *               confidentiality must check it.
 *
 * SEC_E_MESSAGE_ALTERED     the message was changed. As with every failure, no plaintext is delivered.
 * SEC_E_OUT_OF_SEQUENCE     a replay, a gap or another order, where ISC_REQ_REPLAY_DETECT or _SEQUENCE_DETECT was
 *     granted.
 * SEC_E_INCOMPLETE_MESSAGE  STREAM ends inside the header; a SECBUFFER_EMPTY becomes SECBUFFER_MISSING, its cbBuffer
 *     the number of bytes that are missing.
 * SEC_E_INVALID_TOKEN       a buffer is missing, or the TOKEN is none of a message.
 * SEC_E_QOP_NOT_SUPPORTED   the context has neither integrity nor confidentiality.
 * SEC_E_CONTEXT_EXPIRED     the context's lifetime is over.
 * SEC_E_BUFFER_TOO_SMALL, SEC_E_CRYPTO_SYSTEM_INVALID   the message does not fit its buffers; unusable encryption
 *     type.
 *
 * RFC 4121 section 4.2.6.2. Microsoft: DecryptMessage (General, Kerberos, Negotiate, NTLM).
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY DecryptMessage(PCtxtHandle phContext, PSecBufferDesc pMessage, ULONG MessageSeqNo,
                                                     ULONG* pfQOP);
typedef SECURITY_STATUS(SEC_ENTRY* DECRYPT_MESSAGE_FN)(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                                       ULONG MessageSeqNo, ULONG* pfQOP);

/*
 * EncryptMessage by its older name.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SealMessage(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                                  ULONG MessageSeqNo);

/*
 * DecryptMessage by its older name.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY UnsealMessage(PCtxtHandle phContext, PSecBufferDesc pMessage, ULONG MessageSeqNo,
                                                    ULONG* pfQOP);

/* ---- Packages and memory ---------------------------------------------------------------------------------------- */

/*
 * Lists the packages that can be used: Negotiate, Kerberos, and NTLM where its mechanism is installed.
 *
 * *pcPackages becomes their number, *ppPackageInfo an array in one block with all strings: one FreeContextBuffer.
 *
 * Microsoft: EnumerateSecurityPackages.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesW(ULONG* pcPackages, PSecPkgInfoW* ppPackageInfo);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY EnumerateSecurityPackagesA(ULONG* pcPackages, PSecPkgInfoA* ppPackageInfo);
#define EnumerateSecurityPackages SSPI_NAME_AW(EnumerateSecurityPackages)
typedef SECURITY_STATUS(SEC_ENTRY* ENUMERATE_SECURITY_PACKAGES_FN_W)(ULONG* pcPackages, PSecPkgInfoW* ppPackageInfo);
typedef SECURITY_STATUS(SEC_ENTRY* ENUMERATE_SECURITY_PACKAGES_FN_A)(ULONG* pcPackages, PSecPkgInfoA* ppPackageInfo);
#define ENUMERATE_SECURITY_PACKAGES_FN SSPI_NAME_UAW(ENUMERATE_SECURITY_PACKAGES_FN)

/*
 * Describes one package. *ppPackageInfo is one block with its strings: one FreeContextBuffer.
 *
 * SEC_E_SECPKG_NOT_FOUND  no such package. *ppPackageInfo is untouched.
 *
 * Microsoft: QuerySecurityPackageInfo.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoW(SEC_WCHAR* pszPackageName, PSecPkgInfoW* ppPackageInfo);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY QuerySecurityPackageInfoA(SEC_CHAR* pszPackageName, PSecPkgInfoA* ppPackageInfo);
#define QuerySecurityPackageInfo SSPI_NAME_AW(QuerySecurityPackageInfo)
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_SECURITY_PACKAGE_INFO_FN_W)(SEC_WCHAR* pszPackageName,
                                                                     PSecPkgInfoW* ppPackageInfo);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_SECURITY_PACKAGE_INFO_FN_A)(SEC_CHAR* pszPackageName,
                                                                     PSecPkgInfoA* ppPackageInfo);
#define QUERY_SECURITY_PACKAGE_INFO_FN SSPI_NAME_UAW(QUERY_SECURITY_PACKAGE_INFO_FN)

/*
 * Frees memory that the library has handed out, and wipes it first. NULL is SEC_E_OK.
 *
 * SEC_E_INVALID_HANDLE  the library did not hand out this pointer, or has freed it. Nothing happens to the memory.
 *
 * Microsoft: FreeContextBuffer.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY FreeContextBuffer(void* pvContextBuffer);
typedef SECURITY_STATUS(SEC_ENTRY* FREE_CONTEXT_BUFFER_FN)(void* pvContextBuffer);

/*
 * Adds a package. Microsoft: AddSecurityPackage.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY AddSecurityPackageW(LPWSTR pszPackageName, PSECURITY_PACKAGE_OPTIONS pOptions);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY AddSecurityPackageA(LPSTR pszPackageName, PSECURITY_PACKAGE_OPTIONS pOptions);
#define AddSecurityPackage SSPI_NAME_AW(AddSecurityPackage)

/*
 * Removes a package. Microsoft: DeleteSecurityPackage.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY DeleteSecurityPackageW(SEC_WCHAR* pszPackageName);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY DeleteSecurityPackageA(SEC_CHAR* pszPackageName);
#define DeleteSecurityPackage SSPI_NAME_AW(DeleteSecurityPackage)

/* ---- Acting as the client; moving a context; passwords ---------------------------------------------------------- */

/*
 * Lets the calling thread act as the client of a server's context, until RevertSecurityContext or its own end.
 *
 * The client's principal is mapped to an account of this system (auth_to_local of krb5.conf), and the thread's fsuid,
 * fsgid and supplementary groups become that account's: what it opens, creates and connects to meets the client's
 * rights. Other threads keep theirs; threads and processes that it makes meanwhile inherit the ids, a program that it
 * executes keeps the groups: revert first. While it lasts AcquireCredentialsHandle without a name and an identity
 * gives the credentials that the client has delegated. A second call replaces the first; the context may be deleted
 * meanwhile. The library's own connection to the daemon stays the process'.
 *
 * Only a program that may become every user can do this (CAP_SETUID and CAP_SETGID), unless the client's account is
 * the program's own. Never is it an account with a uid below SSPI_MIN_IMPERSONATION_UID of the environment (1000), nor
 * uid 0. SspiImpersonateNetworkOnly (sspi_ext.h) does without ids.
 *
 * Always look at the status: after a failure the thread acts with the rights it had.
 *
 * SEC_E_INVALID_HANDLE    no such context, or it is not finished.
 * SEC_E_NO_IMPERSONATION  the context is a client's; or the client asked for ISC_REQ_IDENTIFY; or it has no account
 *                         here, or one that may not be impersonated; or the program lacks the privilege.
 *
 * Microsoft: ImpersonateSecurityContext.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY ImpersonateSecurityContext(PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY* IMPERSONATE_SECURITY_CONTEXT_FN)(PCtxtHandle phContext);

/*
 * Ends what ImpersonateSecurityContext began: the thread's fsuid, fsgid and groups are what they were before.
 *
 * Serves whatever has become of the context. For a thread that impersonates nobody it does nothing.
 *
 * SEC_E_INVALID_HANDLE    the thread impersonates nobody, and there is no such context.
 * SEC_E_NO_IMPERSONATION  the program has given its privilege up meanwhile. The thread still acts as the client.
 *
 * Microsoft: RevertSecurityContext.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY RevertSecurityContext(PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY* REVERT_SECURITY_CONTEXT_FN)(PCtxtHandle phContext);

/*
 * Gives a token for the client of a server's context: who it is, on this system and in its domain.
 *
 * *Token is a handle for SspiQueryTokenInformation (sspi_ext.h). It tells what is so now and outlives the context;
 * CloseHandle frees it. Forked children have tokens of their own under the same handles.
 *
 * SEC_E_INVALID_HANDLE    no such context, or it is not finished.
 * SEC_E_NO_IMPERSONATION  the context is a client's.
 * SEC_E_INVALID_PARAMETER  Token is NULL.
 *
 * Microsoft: QuerySecurityContextToken.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY QuerySecurityContextToken(PCtxtHandle phContext, HANDLE* Token);
typedef SECURITY_STATUS(SEC_ENTRY* QUERY_SECURITY_CONTEXT_TOKEN_FN)(PCtxtHandle phContext, HANDLE* Token);

/* fFlags */
#define SECPKG_CONTEXT_EXPORT_RESET_NEW 0x1
#define SECPKG_CONTEXT_EXPORT_DELETE_OLD 0x2
#define SECPKG_CONTEXT_EXPORT_TO_KERNEL 0x4

/*
 * Packs a finished context so that another process of the same user can import it.
 *
 * The bytes hold no key. They name the context, which waits in the daemon; it may be imported once, within five
 * minutes, after the end of the exporting process too, and is then deleted. Whoever has the bytes, as the same user,
 * can have the context: pass them on as you would pass the context's messages.
 *
 * fFlags          0: this context stays, and a copy of it is exported. Beware: both have the same keys, and from here
 *                 on each counts its own messages. When both send, their peer sees numbers twice and refuses them as
 *                 repeated; when both receive, a message that one has accepted is new to the other.
 *                 DELETE_OLD: the context itself is moved. *phContext is then deleted, and every copy of the handle is
 *                 SEC_E_INVALID_HANDLE.
 *                 RESET_NEW: the exported context counts its messages from the first again. Only where this context
 *                 has protected none yet: GSS-API cannot set it back.
 * pPackedContext  out: a block to be freed with FreeContextBuffer in pvBuffer, its length in bytes in cbBuffer.
 *                 BufferType stays as it is.
 * pToken          may be NULL; out: of a server's context the token that QuerySecurityContextToken gives, for
 *                 CloseHandle; of a client's NULL. The import needs none.
 *
 * SEC_E_INVALID_HANDLE        no such context, or it is not finished.
 * SEC_E_UNSUPPORTED_FUNCTION  TO_KERNEL, RESET_NEW of a context that has protected messages, or a mechanism whose
 *                             contexts cannot be copied.
 * SEC_E_CANNOT_PACK           the context's delegated credentials cannot be copied.
 * SEC_E_INVALID_PARAMETER     pPackedContext is NULL, or a flag is unknown.
 * SEC_E_INSUFFICIENT_MEMORY   1,024 exported contexts are waiting already.
 *
 * Microsoft: ExportSecurityContext.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY ExportSecurityContext(PCtxtHandle phContext, ULONG fFlags,
                                                            PSecBuffer pPackedContext, void** pToken);
typedef SECURITY_STATUS(SEC_ENTRY* EXPORT_SECURITY_CONTEXT_FN)(PCtxtHandle phContext, ULONG fFlags,
                                                               PSecBuffer pPackedContext, void** pToken);

/*
 * Makes a context of what ExportSecurityContext has packed.
 *
 * pszPackage      the package that the context was made with: "Negotiate" where that chose Kerberos, too.
 * pPackedContext  the bytes in pvBuffer and cbBuffer; they stay the caller's. They are good for one import.
 * Token           unused.
 * phContext       out: as from AcceptSecurityContext or InitializeSecurityContext; ended by DeleteSecurityContext.
 *
 * SEC_E_UNKNOWN_CREDENTIALS  the bytes name no context of this package that waits here: they were changed, used
 *                            before, left for too long, or are another daemon's.
 * SEC_E_SECPKG_NOT_FOUND     no such package.
 * SEC_E_NOT_OWNER            the daemon does not serve this user.
 * SEC_E_INVALID_PARAMETER    pPackedContext is NULL, or has a length and no pointer.
 *
 * Microsoft: ImportSecurityContext.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY ImportSecurityContextW(SEC_WCHAR* pszPackage, PSecBuffer pPackedContext,
                                                             void* Token, PCtxtHandle phContext);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY ImportSecurityContextA(SEC_CHAR* pszPackage, PSecBuffer pPackedContext,
                                                             void* Token, PCtxtHandle phContext);
#define ImportSecurityContext SSPI_NAME_AW(ImportSecurityContext)
typedef SECURITY_STATUS(SEC_ENTRY* IMPORT_SECURITY_CONTEXT_FN_W)(SEC_WCHAR* pszPackage, PSecBuffer pPackedContext,
                                                                 void* Token, PCtxtHandle phContext);
typedef SECURITY_STATUS(SEC_ENTRY* IMPORT_SECURITY_CONTEXT_FN_A)(SEC_CHAR* pszPackage, PSecBuffer pPackedContext,
                                                                 void* Token, PCtxtHandle phContext);
#define IMPORT_SECURITY_CONTEXT_FN SSPI_NAME_UAW(IMPORT_SECURITY_CONTEXT_FN)

#ifndef _DOMAIN_PASSWORD_INFORMATION_DEFINED
#define _DOMAIN_PASSWORD_INFORMATION_DEFINED
/* Ages in 100 ns, negative as Windows has it. */
typedef struct _DOMAIN_PASSWORD_INFORMATION {
  uint16_t MinPasswordLength;
  uint16_t PasswordHistoryLength;
  uint32_t PasswordProperties;
  LARGE_INTEGER MaxPasswordAge;
  LARGE_INTEGER MinPasswordAge;
} DOMAIN_PASSWORD_INFORMATION, *PDOMAIN_PASSWORD_INFORMATION;
#endif

/*
 * Changes an account's password at its realm's password service, or sets it without the old one. The library and the
 * daemon keep neither; wipe your own.
 *
 * pszPackageName    "Kerberos" or "Negotiate".
 * pszDomainName     the realm or domain. NULL for that of krb5.conf, or where the account names its own.
 * pszAccountName    the user, "user@REALM" or "DOMAIN\user".
 * pszOldPassword    NULL only together with bImpersonating.
 * bImpersonating    TRUE without an old password: the password is set by the right that the caller's own tickets give
 *                   (those of the default ticket cache; MIT's service wants one got by "kinit -S kadmin/changepw").
 *                   Not while the thread acts for a client, whose right the process' own must not pass for.
 * dwReserved        ignored.
 * pOutput           exactly one SECBUFFER_CHANGE_PASS_RESPONSE. Where the service told the domain's rules, its pvBuffer
 *                   becomes a DOMAIN_PASSWORD_INFORMATION to be freed with FreeContextBuffer, else NULL.
 *
 * STATUS_PASSWORD_RESTRICTION        the new password breaks the rules (too short, used before, too soon).
 * SEC_E_LOGON_DENIED                 no such account, or the old password is wrong, empty or missing.
 * SEC_E_NOT_OWNER                    the caller's tickets give no such right, or sspid's policy does not let the caller
 *                                    reach the service.
 * SEC_E_NO_CREDENTIALS               a password is to be set, and the caller has no tickets or acts for a client.
 * SEC_E_NO_AUTHENTICATING_AUTHORITY  no KDC, or no password service, answers.
 * SEC_E_SECPKG_NOT_FOUND             no such package.
 * SEC_E_UNSUPPORTED_FUNCTION         NTLM has no service for it.
 * SEC_E_INVALID_PARAMETER            pOutput is not as above, a NULL that is not allowed, or text too long or
 * malformed. Nothing was sent.
 *
 * Microsoft: ChangeAccountPassword.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordW(SEC_WCHAR* pszPackageName, SEC_WCHAR* pszDomainName,
                                                             SEC_WCHAR* pszAccountName, SEC_WCHAR* pszOldPassword,
                                                             SEC_WCHAR* pszNewPassword, BOOLEAN bImpersonating,
                                                             ULONG dwReserved, PSecBufferDesc pOutput);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY ChangeAccountPasswordA(SEC_CHAR* pszPackageName, SEC_CHAR* pszDomainName,
                                                             SEC_CHAR* pszAccountName, SEC_CHAR* pszOldPassword,
                                                             SEC_CHAR* pszNewPassword, BOOLEAN bImpersonating,
                                                             ULONG dwReserved, PSecBufferDesc pOutput);
#define ChangeAccountPassword SSPI_NAME_AW(ChangeAccountPassword)
typedef SECURITY_STATUS(SEC_ENTRY* CHANGE_PASSWORD_FN_W)(SEC_WCHAR* pszPackageName, SEC_WCHAR* pszDomainName,
                                                         SEC_WCHAR* pszAccountName, SEC_WCHAR* pszOldPassword,
                                                         SEC_WCHAR* pszNewPassword, BOOLEAN bImpersonating,
                                                         ULONG dwReserved, PSecBufferDesc pOutput);
typedef SECURITY_STATUS(SEC_ENTRY* CHANGE_PASSWORD_FN_A)(SEC_CHAR* pszPackageName, SEC_CHAR* pszDomainName,
                                                         SEC_CHAR* pszAccountName, SEC_CHAR* pszOldPassword,
                                                         SEC_CHAR* pszNewPassword, BOOLEAN bImpersonating,
                                                         ULONG dwReserved, PSecBufferDesc pOutput);
#define CHANGE_PASSWORD_FN SSPI_NAME_UAW(CHANGE_PASSWORD_FN)

/* ---- SASL (RFC 4752) -------------------------------------------------------------------------------------------- */

/*
 * Lists the SASL mechanisms that can be used: GSSAPI (Kerberos), GSS-SPNEGO (Negotiate), NTLM where that package is
 * there.
 *
 * *ProfileList becomes their names, one behind the other, each with its NUL and one more NUL at the end; free it with
 * FreeContextBuffer. *ProfileCount becomes their number.
 *
 * Microsoft: SaslEnumerateProfiles.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SaslEnumerateProfilesW(LPWSTR* ProfileList, ULONG* ProfileCount);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SaslEnumerateProfilesA(LPSTR* ProfileList, ULONG* ProfileCount);
#define SaslEnumerateProfiles SSPI_NAME_AW(SaslEnumerateProfiles)

/*
 * Describes the package of a SASL mechanism. *PackageInfo is one block with its strings: one FreeContextBuffer.
 *
 * SEC_E_SECPKG_NOT_FOUND  there is no such mechanism, or its package is not there. *PackageInfo is NULL.
 *
 * Microsoft: SaslGetProfilePackage.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SaslGetProfilePackageW(LPWSTR ProfileName, PSecPkgInfoW* PackageInfo);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SaslGetProfilePackageA(LPSTR ProfileName, PSecPkgInfoA* PackageInfo);
#define SaslGetProfilePackage SSPI_NAME_AW(SaslGetProfilePackage)

/*
 * Chooses the package from a server's list of SASL mechanisms: that of the first one which is there.
 *
 * pInput       a SECBUFFER_TOKEN with the names in UTF-8, separated by spaces, commas, line ends or NULs.
 * PackageInfo  out: one block with its strings: one FreeContextBuffer.
 *
 * SEC_E_SECPKG_NOT_FOUND  none of them is there. *PackageInfo is NULL.
 *
 * Microsoft: SaslIdentifyPackage.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SaslIdentifyPackageW(PSecBufferDesc pInput, PSecPkgInfoW* PackageInfo);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SaslIdentifyPackageA(PSecBufferDesc pInput, PSecPkgInfoA* PackageInfo);
#define SaslIdentifyPackage SSPI_NAME_AW(SaslIdentifyPackage)

/*
 * Does the client's next step in a SASL exchange: InitializeSecurityContext, and with Kerberos (SASL's GSSAPI) the
 * negotiation of the security layer behind it.
 *
 * Call it as InitializeSecurityContext, and send a token after each SEC_I_CONTINUE_NEEDED, also one of no bytes.
 * Messages are protected afterwards as pfContextAttr of the SEC_E_OK says: ISC_RET_CONFIDENTIALITY with EncryptMessage,
 * ISC_RET_INTEGRITY alone with EncryptMessage and SECQOP_WRAP_NO_ENCRYPT, none of both not at all. Each goes as 4 bytes
 * of length, the highest first, and TOKEN, DATA, PADDING; SASL_OPTION_SEND_SIZE tells how long that may be. With
 * Negotiate (GSS-SPNEGO) and NTLM no layer is negotiated, and no message is added: the context's flags decide.
 *
 * fContextReq   ISC_REQ_CONFIDENTIALITY or ISC_REQ_INTEGRITY demand the privacy or the integrity layer, neither demands
 *               none. Read in the first call; later ones only for ALLOCATE_MEMORY.
 *
 * SEC_E_SECURITY_QOS_FAILED   the server does not offer the layer that is demanded.
 * SEC_E_INVALID_TOKEN         pOutput has no TOKEN buffer, or the server's message about the layer is malformed.
 * SEC_E_UNSUPPORTED_FUNCTION  the exchange is finished already.
 * SEC_E_INVALID_HANDLE        the context was not begun by this function.
 * Also those of InitializeSecurityContext and, for the server's messages about the layer, of DecryptMessage. The
 * exchange cannot go on after any failure but SEC_E_BUFFER_TOO_SMALL.
 *
 * RFC 4422, RFC 4752 section 3.1. Microsoft: SaslInitializeSecurityContext.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SaslInitializeSecurityContextW(PCredHandle phCredential, PCtxtHandle phContext,
                                                                     LPWSTR pszTargetName, ULONG fContextReq,
                                                                     ULONG Reserved1, ULONG TargetDataRep,
                                                                     PSecBufferDesc pInput, ULONG Reserved2,
                                                                     PCtxtHandle phNewContext, PSecBufferDesc pOutput,
                                                                     ULONG* pfContextAttr, PTimeStamp ptsExpiry);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SaslInitializeSecurityContextA(PCredHandle phCredential, PCtxtHandle phContext,
                                                                     LPSTR pszTargetName, ULONG fContextReq,
                                                                     ULONG Reserved1, ULONG TargetDataRep,
                                                                     PSecBufferDesc pInput, ULONG Reserved2,
                                                                     PCtxtHandle phNewContext, PSecBufferDesc pOutput,
                                                                     ULONG* pfContextAttr, PTimeStamp ptsExpiry);
#define SaslInitializeSecurityContext SSPI_NAME_AW(SaslInitializeSecurityContext)

/*
 * Does the server's next step in a SASL exchange: AcceptSecurityContext, and with Kerberos (SASL's GSSAPI) the
 * negotiation of the security layer behind it.
 *
 * Call it as AcceptSecurityContext; the client's answer to the context's last token may be a TOKEN of no bytes. How
 * messages are protected afterwards is told as by SaslInitializeSecurityContext, in ASC_RET_ flags. Whom the client
 * wants to act as is SASL_OPTION_AUTHZ_STRING: whether it may is for the caller to decide.
 *
 * fContextReq   ASC_REQ_CONFIDENTIALITY offers the privacy layer alone, ASC_REQ_INTEGRITY the privacy and the integrity
 *               layer, neither offers going without one as well.
 *
 * SEC_E_SECURITY_QOS_FAILED   the client chose what was not offered, or its context is too weak for what is demanded.
 * SEC_E_ALGORITHM_MISMATCH    the client wants to act as somebody else where that is forbidden (Sasl_AuthZIDForbidden).
 * SEC_E_BUFFER_TOO_SMALL      cbBuffer tells the size needed; repeat the call, with the context where there is one.
 * SEC_E_INVALID_TOKEN, SEC_E_UNSUPPORTED_FUNCTION, SEC_E_INVALID_HANDLE   as for SaslInitializeSecurityContext.
 *
 * RFC 4422, RFC 4752 section 3.2. Microsoft: SaslAcceptSecurityContext.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SaslAcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext,
                                                                PSecBufferDesc pInput, ULONG fContextReq,
                                                                ULONG TargetDataRep, PCtxtHandle phNewContext,
                                                                PSecBufferDesc pOutput, ULONG* pfContextAttr,
                                                                PTimeStamp ptsExpiry);

#define SASL_OPTION_SEND_SIZE 1
#define SASL_OPTION_RECV_SIZE 2
#define SASL_OPTION_AUTHZ_STRING 3
#define SASL_OPTION_AUTHZ_PROCESSING 4

typedef enum _SASL_AUTHZID_STATE { Sasl_AuthZIDForbidden, Sasl_AuthZIDProcessed } SASL_AUTHZID_STATE;

/*
 * Sets an option of a SASL exchange before the layer is negotiated. ContextHandle is of a Sasl function's first call.
 *
 * SASL_OPTION_SEND_SIZE         ULONG, at most 0xFFFFFF: the longest protected message to send. Default 0xFFFF.
 * SASL_OPTION_RECV_SIZE         the same for those to accept.
 * SASL_OPTION_AUTHZ_STRING      a client's wish whom to act as: UTF-8 of Size bytes, with or without a NUL at the end.
 * SASL_OPTION_AUTHZ_PROCESSING  SASL_AUTHZID_STATE, default Sasl_AuthZIDProcessed.
 *
 * SEC_E_UNSUPPORTED_FUNCTION  another option, or AUTHZ_STRING while it is Sasl_AuthZIDForbidden.
 * SEC_E_BUFFER_TOO_SMALL      Size is less than the option's.
 * SEC_E_INVALID_PARAMETER     the value is NULL, too large, or no well-formed text.
 * SEC_E_INVALID_HANDLE        no such context, or it was not begun by a Sasl function.
 *
 * Microsoft: SaslSetContextOption.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SaslSetContextOption(PCtxtHandle ContextHandle, ULONG Option, PVOID Value,
                                                           ULONG Size);

/*
 * Tells an option of a SASL exchange; Size and *Needed in bytes.
 *
 * After the exchange SASL_OPTION_SEND_SIZE is what both sides agreed on, 0 without a layer, and on a server
 * SASL_OPTION_AUTHZ_STRING is what the client asked for: UTF-8 with a NUL, "" for nothing.
 *
 * Needed  out, may be NULL: bytes of the value.
 *
 * SEC_E_BUFFER_TOO_SMALL      Size is less than *Needed. Value is untouched.
 * SEC_E_UNSUPPORTED_FUNCTION, SEC_E_INVALID_PARAMETER, SEC_E_INVALID_HANDLE   as for SaslSetContextOption.
 *
 * Microsoft: SaslGetContextOption.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SaslGetContextOption(PCtxtHandle ContextHandle, ULONG Option, PVOID Value,
                                                           ULONG Size, PULONG Needed);

/* ---- Opaque identities ------------------------------------------------------------------------------------------ */

/*
 * Makes an opaque identity of a user, a domain and a password or packed credentials.
 *
 * Each of the three strings may be NULL: the identity then lacks it. pszPackedCredentialsString is a password, or what
 * SspiEncodeAuthIdentityAsStrings gave for credentials that are no password ("@@" and base64).
 *
 * ppAuthIdentity  out: the identity, a SEC_WINNT_AUTH_IDENTITY_EX2 in one block. Free it with SspiFreeAuthIdentity.
 *
 * SEC_E_INVALID_PARAMETER  ppAuthIdentity is NULL, a string holds an unpaired surrogate or is longer than 4096 bytes of
 *     UTF-8. *ppAuthIdentity is NULL.
 *
 * Microsoft: SspiEncodeStringsAsAuthIdentity.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiEncodeStringsAsAuthIdentity(PCWSTR pszUserName, PCWSTR pszDomainName,
                                                                      PCWSTR pszPackedCredentialsString,
                                                                      PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppAuthIdentity);

/*
 * Takes an identity apart into strings.
 *
 * pAuthIdentity   an opaque identity; SEC_WINNT_AUTH_IDENTITY and its EX form are taken as well.
 * The three results are NULL where the identity has no such part. Free each with SspiLocalFree (SspiFreeAuthIdentity
 * does the same). A password is given as it is, other credentials as "@@" and base64.
 *
 * STATUS_INVALID_PARAMETER (0xC000000D)  the identity is encrypted.
 * SEC_E_INVALID_PARAMETER  an argument is NULL, or the identity is malformed: it points outside itself, or a part of it
 *     is no well-formed text or holds a NUL.
 *
 * Microsoft: SspiEncodeAuthIdentityAsStrings.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiEncodeAuthIdentityAsStrings(PSEC_WINNT_AUTH_IDENTITY_OPAQUE pAuthIdentity,
                                                                      PCWSTR* ppszUserName, PCWSTR* ppszDomainName,
                                                                      PCWSTR* ppszPackedCredentialsString);

/*
 * Tells whether an identity is well-formed: every part lies inside it and is text without NULs.
 *
 * Takes all forms. An encrypted credential cannot be looked into.
 *
 * SEC_E_INVALID_PARAMETER  it is NULL or malformed.
 *
 * Microsoft: SspiValidateAuthIdentity.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiValidateAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/*
 * Copies an identity of any form into an opaque one. Free the copy with SspiFreeAuthIdentity.
 *
 * An encrypted identity stays encrypted.
 *
 * SEC_E_INVALID_PARAMETER  an argument is NULL or the identity malformed. *AuthDataCopy is NULL.
 *
 * Microsoft: SspiCopyAuthIdentity.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiCopyAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData,
                                                           PSEC_WINNT_AUTH_IDENTITY_OPAQUE* AuthDataCopy);

/*
 * Wipes and frees an opaque identity of the library's. NULL, and memory of others, is left alone.
 *
 * Microsoft: SspiFreeAuthIdentity.
 */
SSPI_EXPORT void SEC_ENTRY SspiFreeAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/*
 * Overwrites an opaque identity with zeros; it must still be freed. NULL is allowed.
 *
 * The forms that hold pointers are left alone: what they point to is the program's, and may be constant.
 *
 * Microsoft: SspiZeroAuthIdentity.
 */
SSPI_EXPORT void SEC_ENTRY SspiZeroAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/*
 * Wipes and frees a string or the bytes that a function for opaque identities gave. NULL is allowed.
 *
 * Microsoft: SspiLocalFree.
 */
SSPI_EXPORT void SEC_ENTRY SspiLocalFree(PVOID DataBuffer);

/*
 * Compares two identities of any form.
 *
 * *SameSuppliedUser      user and domain are the same; A to Z count as a to z, other letters must be equal.
 * *SameSuppliedIdentity  the credential is the same as well, byte for byte. Encrypted ones are the same only where one
 *                        identity is a copy of the other.
 * Two NULLs are the same; NULL and an identity are not.
 *
 * SEC_E_INVALID_PARAMETER  a place for a result is NULL, or an identity is malformed.
 *
 * Microsoft: SspiCompareAuthIdentities.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiCompareAuthIdentities(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity1,
                                                                PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity2,
                                                                PBOOLEAN SameSuppliedUser,
                                                                PBOOLEAN SameSuppliedIdentity);

/*
 * Packs an identity of any form into bytes that can be stored or sent. Free them with SspiLocalFree.
 *
 * *AuthIdentityLength becomes their number. They hold the credential as the identity does: encrypt it before where
 * others may see them.
 *
 * SEC_E_INVALID_PARAMETER  an argument is NULL or the identity malformed.
 *
 * Microsoft: SspiMarshalAuthIdentity.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiMarshalAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity,
                                                              ULONG* AuthIdentityLength, char** AuthIdentityByteArray);

/*
 * Makes an opaque identity of the bytes of SspiMarshalAuthIdentity. Free it with SspiFreeAuthIdentity.
 *
 * SEC_E_INVALID_PARAMETER  the bytes are fewer than they say, or no identity. Nothing behind AuthIdentityLength is
 *     read.
 *
 * Microsoft: SspiUnmarshalAuthIdentity.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiUnmarshalAuthIdentity(ULONG AuthIdentityLength, char* AuthIdentityByteArray,
                                                                PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppAuthIdentity);

/*
 * Encrypts an opaque identity in place, so that only this process and its forked children can decrypt it.
 *
 * As SspiEncryptAuthIdentityEx with SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS. Microsoft: SspiEncryptAuthIdentity.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiEncryptAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/*
 * Encrypts the credential of an opaque identity in place. AcquireCredentialsHandle takes encrypted identities.
 *
 * Options   SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS: this process and its forked children can decrypt it.
 *           SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON: every process that sspid serves as the same user can.
 * AuthData  an identity that the library allocated: others have no room, copy them with SspiCopyAuthIdentity. User and
 *           domain stay readable; changing them makes decryption fail.
 *
 * The key is sspid's and never leaves it. Nobody can decrypt the identity after sspid has ended or was started anew,
 * and SAME_PROCESS also ends when the process has lost its session with it: ask the user again then. An identity that
 * is encrypted in this way already stays as it is.
 *
 * SEC_E_INVALID_PARAMETER     the identity is NULL, malformed, none of the library's, or encrypted in another way.
 * SEC_E_UNSUPPORTED_FUNCTION  SEC_WINNT_AUTH_IDENTITY_ENCRYPT_FOR_SYSTEM: nobody here alone could decrypt it.
 *
 * Microsoft: SspiEncryptAuthIdentityEx.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiEncryptAuthIdentityEx(ULONG Options,
                                                                PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData);

/*
 * Undoes SspiEncryptAuthIdentity.
 *
 * As SspiDecryptAuthIdentityEx with SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS. Microsoft: SspiDecryptAuthIdentity.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiDecryptAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData);

/*
 * Undoes SspiEncryptAuthIdentityEx, with the same Options. What is not encrypted stays as it is.
 *
 * SEC_E_DECRYPT_FAILURE       it was encrypted by another user, for another process, by an sspid that has ended, or was
 *     changed since. It stays encrypted.
 * SEC_E_INVALID_PARAMETER     the identity is NULL, malformed, or encrypted in another way than Options says.
 * SEC_E_UNSUPPORTED_FUNCTION  SEC_WINNT_AUTH_IDENTITY_ENCRYPT_FOR_SYSTEM.
 *
 * Microsoft: SspiDecryptAuthIdentityEx.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiDecryptAuthIdentityEx(ULONG Options,
                                                                PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData);

/*
 * Tells whether an opaque identity is encrypted, in whatever way. NULL and other forms are not.
 *
 * Microsoft: SspiIsAuthIdentityEncrypted.
 */
SSPI_EXPORT BOOLEAN SEC_ENTRY SspiIsAuthIdentityEncrypted(PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData);

/*
 * Copies an identity of any form and forbids it a package: "!package" is added to its PackageList.
 *
 * AuthIdentity   NULL means the caller's own credential.
 * ppNewAuthIdentity  out: free it with SspiFreeAuthIdentity.
 *
 * SEC_E_INVALID_PARAMETER  pszPackageName or ppNewAuthIdentity is NULL, the name is empty or no name of a package, or
 *     the identity is malformed.
 *
 * Microsoft: SspiExcludePackage.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiExcludePackage(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity,
                                                         PCWSTR pszPackageName,
                                                         PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppNewAuthIdentity);

/*
 * Gives the host of a service principal name: "ldap/dc1.example.test:389/EXAMPLE" is of "dc1.example.test".
 *
 * What is behind the first slash, up to the next ':', '/' or '@'; a name without a slash is a host as it stands. Free
 * *pszHostName with SspiLocalFree.
 *
 * SEC_E_INVALID_PARAMETER  an argument is NULL, the name holds an unpaired surrogate, is too long, or names no host.
 *
 * Microsoft: SspiGetTargetHostName.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiGetTargetHostName(PCWSTR pszTargetName, PWSTR* pszHostName);

/*
 * Turns channel bindings into the form that carries flags (SEC_CHANNEL_BINDINGS_EX) and sets them.
 *
 * pBindings  in: SEC_CHANNEL_BINDINGS or its EX form; out: the EX form in memory of the library's, which
 *            FreeContextBuffer frees. What was there before is freed where it was the library's, else it stays the
 *            program's.
 * flags      0 or SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS: AcceptSecurityContext only reports, in a
 *            SECBUFFER_CHANNEL_BINDINGS_RESULT, that a client is bound to no channel, and lets it pass. One that is
 *            bound to another channel fails as ever, and is reported too.
 *
 * SEC_E_INVALID_PARAMETER  the bindings are NULL or do not lie inside their length, or flags has others.
 *
 * Microsoft: SspiSetChannelBindingFlags.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiSetChannelBindingFlags(SecPkgContext_Bindings* pBindings, ULONG flags);

/* ---- Credential dialogues and stores ---------------------------------------------------------------------------- */

/*
 * Gives the names under which the Credential Manager keeps a credential. Microsoft: SspiPrepareForCredRead.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiPrepareForCredRead(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity,
                                                             PCWSTR pszTargetName, PULONG pCredmanCredentialType,
                                                             PCWSTR* ppszCredmanTargetName);

/*
 * Gives the names and the content with which the Credential Manager keeps a credential. Microsoft:
 * SspiPrepareForCredWrite.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiPrepareForCredWrite(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity,
                                                              PCWSTR pszTargetName, PULONG pCredmanCredentialType,
                                                              PCWSTR* ppszCredmanTargetName,
                                                              PCWSTR* ppszCredmanUserName, PUCHAR* ppCredentialBlob,
                                                              PULONG pCredentialBlobSize);

#ifndef ERROR_NOT_SUPPORTED
#define ERROR_NOT_SUPPORTED 50
#endif

/*
 * Asks the user for credentials. Returns a Windows error number: ERROR_NOT_SUPPORTED here. Microsoft:
 * SspiPromptForCredentials.
 */
SSPI_EXPORT ULONG SEC_ENTRY SspiPromptForCredentialsW(PCWSTR pszTargetName, PVOID pUiInfo, ULONG dwAuthError,
                                                      PCWSTR pszPackage,
                                                      PSEC_WINNT_AUTH_IDENTITY_OPAQUE pInputAuthIdentity,
                                                      PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppAuthIdentity, int* pfSave,
                                                      ULONG dwFlags);
SSPI_EXPORT ULONG SEC_ENTRY SspiPromptForCredentialsA(PCSTR pszTargetName, PVOID pUiInfo, ULONG dwAuthError,
                                                      PCSTR pszPackage,
                                                      PSEC_WINNT_AUTH_IDENTITY_OPAQUE pInputAuthIdentity,
                                                      PSEC_WINNT_AUTH_IDENTITY_OPAQUE* ppAuthIdentity, int* pfSave,
                                                      ULONG dwFlags);
#define SspiPromptForCredentials SSPI_NAME_AW(SspiPromptForCredentials)

/*
 * Tells whether other credentials could cure an error, so that the user may be asked for them.
 *
 * TRUE for SEC_E_NO_CREDENTIALS, SEC_E_LOGON_DENIED and SEC_E_UNKNOWN_CREDENTIALS. Microsoft: SspiIsPromptingNeeded.
 */
SSPI_EXPORT BOOLEAN SEC_ENTRY SspiIsPromptingNeeded(ULONG ErrorOrNtStatus);

/*
 * Gives the credential dialogue's context of a credential. Microsoft: SspiGetCredUIContext.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiGetCredUIContext(HANDLE ContextHandle, GUID* CredType, LUID* LogonId,
                                                           PSEC_WINNT_CREDUI_CONTEXT_VECTOR* CredUIContexts,
                                                           HANDLE* TokenHandle);

/*
 * Replaces credentials by what the credential dialogue returned. Microsoft: SspiUpdateCredentials.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiUpdateCredentials(HANDLE ContextHandle, GUID* CredType,
                                                            ULONG FlatCredUIContextLength, PUCHAR FlatCredUIContext);

/*
 * Unpacks the credential dialogue's context. Microsoft: SspiUnmarshalCredUIContext.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiUnmarshalCredUIContext(PUCHAR MarshaledCredUIContext,
                                                                 ULONG MarshaledCredUIContextLength,
                                                                 PSEC_WINNT_CREDUI_CONTEXT* CredUIContext);

/* ---- Names (secext.h) ------------------------------------------------------------------------------------------- */

typedef enum {
  NameUnknown = 0,
  NameFullyQualifiedDN = 1,
  NameSamCompatible = 2,
  NameDisplay = 3,
  NameUniqueId = 6,
  NameCanonical = 7,
  NameUserPrincipal = 8,
  NameCanonicalEx = 9,
  NameServicePrincipal = 10,
  NameDnsDomain = 12,
  NameGivenName = 13,
  NameSurname = 14
} EXTENDED_NAME_FORMAT,
    *PEXTENDED_NAME_FORMAT;

/*
 * Gives the caller's name: the client's while the thread acts for one (ImpersonateSecurityContext), else the principal
 * of the Kerberos tickets that AcquireCredentialsHandle would use, else the account of the process. FALSE (0) on
 * failure; SspiGetLastErrorText says why. A principal whose account would have the name of another one's, having a NUL,
 * an escaped slash or what is no UTF-8 in it, is a failure.
 *
 * NameSamCompatible  "EXAMPLE\alice": the realm's first label in capitals; without tickets the host's name.
 * NameUserPrincipal  "alice@EXAMPLE.TEST"; without tickets FALSE.
 * NameDnsDomain      "EXAMPLE.TEST\alice"; without tickets FALSE.
 * NameDisplay        the full name of the local account that the principal stands for; FALSE where there is none.
 *
 * nSize  in: characters that lpNameBuffer has room for; out: those of the name without its NUL. Where they do not fit,
 *        FALSE and what is needed with the NUL.
 *
 * Microsoft: GetUserNameEx.
 */
SSPI_EXPORT BOOLEAN SEC_ENTRY GetUserNameExW(EXTENDED_NAME_FORMAT NameFormat, LPWSTR lpNameBuffer, PULONG nSize);
SSPI_EXPORT BOOLEAN SEC_ENTRY GetUserNameExA(EXTENDED_NAME_FORMAT NameFormat, LPSTR lpNameBuffer, PULONG nSize);
#define GetUserNameEx SSPI_NAME_AW(GetUserNameEx)

/*
 * Gives the name of this host as an account of the default realm. FALSE (0) on failure.
 *
 * NameFormat  NameSamCompatible ("EXAMPLE\HOST$"), NameUserPrincipal ("HOST$@EXAMPLE.TEST"), NameDnsDomain, or
 *             NameDisplay ("HOST$"). Whether the realm knows such an account is not asked.
 * nSize       as for GetUserNameEx.
 *
 * Microsoft: GetComputerObjectName.
 */
SSPI_EXPORT BOOLEAN SEC_ENTRY GetComputerObjectNameW(EXTENDED_NAME_FORMAT NameFormat, LPWSTR lpNameBuffer,
                                                     PULONG nSize);
SSPI_EXPORT BOOLEAN SEC_ENTRY GetComputerObjectNameA(EXTENDED_NAME_FORMAT NameFormat, LPSTR lpNameBuffer, PULONG nSize);
#define GetComputerObjectName SSPI_NAME_AW(GetComputerObjectName)

/*
 * Translates an account's name between formats: "EXAMPLE\alice" is "alice@EXAMPLE.TEST". FALSE (0) on failure.
 *
 * The domain of a NameSamCompatible is the default realm where it is that realm's first label or absent, else a realm
 * itself. Nobody is asked whether the account exists.
 *
 * AccountNameFormat  NameSamCompatible, NameUserPrincipal, NameDnsDomain, or NameUnknown for any of them.
 * DesiredNameFormat  these, or NameDisplay (the full name of the local account).
 * nSize  in: characters that lpTranslatedName has room for; out: those of the name with its NUL. Where they do not fit,
 *        FALSE. With NULL and 0 the size alone is told, and TRUE.
 *
 * Microsoft: TranslateName.
 */
SSPI_EXPORT BOOLEAN SEC_ENTRY TranslateNameW(LPCWSTR lpAccountName, EXTENDED_NAME_FORMAT AccountNameFormat,
                                             EXTENDED_NAME_FORMAT DesiredNameFormat, LPWSTR lpTranslatedName,
                                             PULONG nSize);
SSPI_EXPORT BOOLEAN SEC_ENTRY TranslateNameA(LPCSTR lpAccountName, EXTENDED_NAME_FORMAT AccountNameFormat,
                                             EXTENDED_NAME_FORMAT DesiredNameFormat, LPSTR lpTranslatedName,
                                             PULONG nSize);
#define TranslateName SSPI_NAME_AW(TranslateName)

/* ---- Dispatch tables -------------------------------------------------------------------------------------------- */

/* Names to look up in the library, for programs that load it. */
#define SECURITY_ENTRYPOINT_ANSIW "InitSecurityInterfaceW"
#define SECURITY_ENTRYPOINT_ANSIA "InitSecurityInterfaceA"
#define SECURITY_ENTRYPOINT_ANSI SSPI_NAME_AW(SECURITY_ENTRYPOINT_ANSI)
#define SECURITY_ENTRYPOINTW SEC_TEXT("InitSecurityInterfaceW")
#define SECURITY_ENTRYPOINTA SEC_TEXT("InitSecurityInterfaceA")
#define SECURITY_ENTRYPOINT SSPI_NAME_AW(SECURITY_ENTRYPOINT)

/* dwVersion: which slots exist. 4: up to ChangeAccountPassword; 5: the two Ex queries as well. */
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION 1
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_2 2
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_3 3
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_4 4
#define SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5 5

/*
 * The order of the slots is ABI; the Reserved ones are NULL. Windows' A table spells its slot FreeCredentialHandle,
 * which the macro of that name turns into FreeCredentialsHandle, here as there.
 */
typedef struct _SECURITY_FUNCTION_TABLE_W {
  uint32_t dwVersion;
  ENUMERATE_SECURITY_PACKAGES_FN_W EnumerateSecurityPackagesW;
  QUERY_CREDENTIALS_ATTRIBUTES_FN_W QueryCredentialsAttributesW;
  ACQUIRE_CREDENTIALS_HANDLE_FN_W AcquireCredentialsHandleW;
  FREE_CREDENTIALS_HANDLE_FN FreeCredentialsHandle;
  void* Reserved2;
  INITIALIZE_SECURITY_CONTEXT_FN_W InitializeSecurityContextW;
  ACCEPT_SECURITY_CONTEXT_FN AcceptSecurityContext;
  COMPLETE_AUTH_TOKEN_FN CompleteAuthToken;
  DELETE_SECURITY_CONTEXT_FN DeleteSecurityContext;
  APPLY_CONTROL_TOKEN_FN ApplyControlToken;
  QUERY_CONTEXT_ATTRIBUTES_FN_W QueryContextAttributesW;
  IMPERSONATE_SECURITY_CONTEXT_FN ImpersonateSecurityContext;
  REVERT_SECURITY_CONTEXT_FN RevertSecurityContext;
  MAKE_SIGNATURE_FN MakeSignature;
  VERIFY_SIGNATURE_FN VerifySignature;
  FREE_CONTEXT_BUFFER_FN FreeContextBuffer;
  QUERY_SECURITY_PACKAGE_INFO_FN_W QuerySecurityPackageInfoW;
  void* Reserved3;
  void* Reserved4;
  EXPORT_SECURITY_CONTEXT_FN ExportSecurityContext;
  IMPORT_SECURITY_CONTEXT_FN_W ImportSecurityContextW;
  ADD_CREDENTIALS_FN_W AddCredentialsW;
  void* Reserved8;
  QUERY_SECURITY_CONTEXT_TOKEN_FN QuerySecurityContextToken;
  ENCRYPT_MESSAGE_FN EncryptMessage;
  DECRYPT_MESSAGE_FN DecryptMessage;
  SET_CONTEXT_ATTRIBUTES_FN_W SetContextAttributesW;
  SET_CREDENTIALS_ATTRIBUTES_FN_W SetCredentialsAttributesW;
  CHANGE_PASSWORD_FN_W ChangeAccountPasswordW;
  QUERY_CONTEXT_ATTRIBUTES_EX_FN_W QueryContextAttributesExW;
  QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_W QueryCredentialsAttributesExW;
} SecurityFunctionTableW, *PSecurityFunctionTableW;

typedef struct _SECURITY_FUNCTION_TABLE_A {
  uint32_t dwVersion;
  ENUMERATE_SECURITY_PACKAGES_FN_A EnumerateSecurityPackagesA;
  QUERY_CREDENTIALS_ATTRIBUTES_FN_A QueryCredentialsAttributesA;
  ACQUIRE_CREDENTIALS_HANDLE_FN_A AcquireCredentialsHandleA;
  FREE_CREDENTIALS_HANDLE_FN FreeCredentialsHandle;
  void* Reserved2;
  INITIALIZE_SECURITY_CONTEXT_FN_A InitializeSecurityContextA;
  ACCEPT_SECURITY_CONTEXT_FN AcceptSecurityContext;
  COMPLETE_AUTH_TOKEN_FN CompleteAuthToken;
  DELETE_SECURITY_CONTEXT_FN DeleteSecurityContext;
  APPLY_CONTROL_TOKEN_FN ApplyControlToken;
  QUERY_CONTEXT_ATTRIBUTES_FN_A QueryContextAttributesA;
  IMPERSONATE_SECURITY_CONTEXT_FN ImpersonateSecurityContext;
  REVERT_SECURITY_CONTEXT_FN RevertSecurityContext;
  MAKE_SIGNATURE_FN MakeSignature;
  VERIFY_SIGNATURE_FN VerifySignature;
  FREE_CONTEXT_BUFFER_FN FreeContextBuffer;
  QUERY_SECURITY_PACKAGE_INFO_FN_A QuerySecurityPackageInfoA;
  void* Reserved3;
  void* Reserved4;
  EXPORT_SECURITY_CONTEXT_FN ExportSecurityContext;
  IMPORT_SECURITY_CONTEXT_FN_A ImportSecurityContextA;
  ADD_CREDENTIALS_FN_A AddCredentialsA;
  void* Reserved8;
  QUERY_SECURITY_CONTEXT_TOKEN_FN QuerySecurityContextToken;
  ENCRYPT_MESSAGE_FN EncryptMessage;
  DECRYPT_MESSAGE_FN DecryptMessage;
  SET_CONTEXT_ATTRIBUTES_FN_A SetContextAttributesA;
  SET_CREDENTIALS_ATTRIBUTES_FN_A SetCredentialsAttributesA;
  CHANGE_PASSWORD_FN_A ChangeAccountPasswordA;
  QUERY_CONTEXT_ATTRIBUTES_EX_FN_A QueryContextAttributesExA;
  QUERY_CREDENTIALS_ATTRIBUTES_EX_FN_A QueryCredentialsAttributesExA;
} SecurityFunctionTableA, *PSecurityFunctionTableA;

#define SecurityFunctionTable SSPI_NAME_AW(SecurityFunctionTable)
#define PSecurityFunctionTable SSPI_NAME_AW(PSecurityFunctionTable)

/*
 * Gives the table of all functions, for programs that load the library and look up one name. Never NULL.
 *
 * The table is constant, shared and always the same; it is not freed. Reserved slots are NULL.
 *
 * Microsoft: InitSecurityInterface.
 */
SSPI_EXPORT PSecurityFunctionTableW SEC_ENTRY InitSecurityInterfaceW(void);
SSPI_EXPORT PSecurityFunctionTableA SEC_ENTRY InitSecurityInterfaceA(void);
#define InitSecurityInterface SSPI_NAME_AW(InitSecurityInterface)
typedef PSecurityFunctionTableW(SEC_ENTRY* INIT_SECURITY_INTERFACE_W)(void);
typedef PSecurityFunctionTableA(SEC_ENTRY* INIT_SECURITY_INTERFACE_A)(void);
#define INIT_SECURITY_INTERFACE SSPI_NAME_UAW(INIT_SECURITY_INTERFACE)

#ifdef __cplusplus
}
#endif

#endif
