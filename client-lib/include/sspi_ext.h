/*
 * sspi_ext.h: what libsspi offers beyond Windows' interface.
 */
#ifndef SSPI_EXT_H
#define SSPI_EXT_H

#include "sspi.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What went wrong in the calling thread's last failed SSPI call, for a log or a person: which mechanism, which
 * principal, what the KDC answered. UTF-8, never NULL, "" when there is nothing to say. The string belongs to the
 * library and is valid until the thread's next SSPI call.
 */
SSPI_EXPORT const char* SspiGetLastErrorText(void);

/*
 * Lets the calling thread use the client's delegated credentials and nothing else of the client.
 *
 * As ImpersonateSecurityContext, without its change of ids: for servers that lack the privilege, and for clients that
 * have no account on this system. AcquireCredentialsHandle without a name and an identity gives what the client has
 * delegated, until RevertSecurityContext or the thread's end; files are still met with the server's own rights.
 * Replaces an earlier impersonation of the thread, and ends its change of ids.
 *
 * SEC_E_INVALID_HANDLE    no such context, or it is not finished.
 * SEC_E_NO_IMPERSONATION  the context is a client's, or the client asked for ISC_REQ_IDENTIFY.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiImpersonateNetworkOnly(PCtxtHandle phContext);

/*
 * Gives a service a handle to credentials of a user who has not come to it with Kerberos (S4U2Self).
 *
 * For a service that knows its user by other means, such as a web form or a client certificate, and goes on in the
 * user's name: towards the services to which the KDC lets it delegate, and towards itself. Asks the KDC at once. No
 * other function does this: in particular AcquireCredentialsHandle with a user's name and no password does not.
 *
 * pszUserName           "alice", "alice@REALM" or "DOMAIN\alice".
 * pszPackage            "Kerberos" or "Negotiate".
 * phServiceCredential   who vouches for the user: the service's own credentials, inbound or outbound. NULL: those of
 *                       pszServicePrincipal.
 * pszServicePrincipal   the service by its name in the daemon's keytab, "HTTP/www.example.test"; NULL: the keytab's
 *                       first. Ignored beside phServiceCredential.
 * phCredential          out. For outbound use. Free with FreeCredentialsHandle. {-1, -1} after a failure.
 * ptsExpiry             out, may be NULL.
 *
 * SEC_E_LOGON_DENIED          there is no such user, or it may not log on.
 * SEC_E_NO_S4U_PROT_SUPPORT   the KDC does not do this for the service.
 * SEC_E_NO_CREDENTIALS        the service has no keys and no tickets.
 * SEC_E_INVALID_HANDLE        phServiceCredential names nothing, or phCredential is NULL.
 * SEC_E_SECPKG_NOT_FOUND      no such package.
 * SEC_E_UNSUPPORTED_FUNCTION  the package is none of the two.
 * SEC_E_INVALID_PARAMETER     pszUserName is NULL, or a text is too long or not valid UTF-8 or UTF-16.
 *
 * InitializeSecurityContext with these credentials is SEC_E_DELEGATION_REQUIRED where the KDC does not let the service
 * delegate to the target (MS-SFU 3.2.5.2).
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiAcquireCredentialsForUserW(SEC_WCHAR* pszUserName, SEC_WCHAR* pszPackage,
                                                                     PCredHandle phServiceCredential,
                                                                     SEC_WCHAR* pszServicePrincipal,
                                                                     PCredHandle phCredential, PTimeStamp ptsExpiry);
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiAcquireCredentialsForUserA(SEC_CHAR* pszUserName, SEC_CHAR* pszPackage,
                                                                     PCredHandle phServiceCredential,
                                                                     SEC_CHAR* pszServicePrincipal,
                                                                     PCredHandle phCredential, PTimeStamp ptsExpiry);
#define SspiAcquireCredentialsForUser SSPI_NAME_AW(SspiAcquireCredentialsForUser)

/* SspiTokenInformation.Flags */
#define SSPI_TOKEN_HAS_ACCOUNT 0x1   /* the client has an account on this system: the next four members are set */
#define SSPI_TOKEN_IDENTIFY_ONLY 0x2 /* the client asked for ISC_REQ_IDENTIFY: it must not be impersonated */

/*
 * What a token says. Texts are UTF-8. Members that nothing is known for are NULL and 0: the account's without
 * SSPI_TOKEN_HAS_ACCOUNT, those from LogonName on where the client's ticket has no PAC with logon information (MIT's
 * own KDC issues none, Active Directory and Samba do).
 */
typedef struct _SspiTokenInformation {
  ULONG Flags;
  char* Principal; /* "alice@EXAMPLE.TEST", as SECPKG_ATTR_NAMES has it */
  char* Authority; /* its realm or domain */

  char* Account; /* in the user database of this system, looked up when the token was made */
  uint32_t Uid;
  uint32_t Gid;
  ULONG GroupCount;
  uint32_t* Groups; /* Gid included, ascending */

  char* LogonName;   /* "alice" */
  char* LogonDomain; /* the domain's NetBIOS name */
  char* UserSid;     /* "S-1-5-21-..." */
  char* PrimaryGroupSid;
  ULONG GroupSidCount;
  char** GroupSids; /* all others: of the user's domain, of the service's domain, and extra ones */
} SspiTokenInformation, *PSspiTokenInformation;

/*
 * Tells what a token says.
 *
 * Token comes from QuerySecurityContextToken or SECPKG_ATTR_ACCESS_TOKEN. *Information is one block with all it points
 * to, for one FreeContextBuffer.
 *
 * SEC_E_INVALID_HANDLE     no such token. The handle is looked up, never followed.
 * SEC_E_INVALID_PARAMETER  Information is NULL.
 */
SSPI_EXPORT SECURITY_STATUS SEC_ENTRY SspiQueryTokenInformation(HANDLE Token, SspiTokenInformation** Information);

/*
 * Frees a token of QuerySecurityContextToken. Microsoft: CloseHandle (handleapi.h), for this one kind of handle.
 *
 * Returns 1 (TRUE), or 0 (FALSE) where the handle names no token, or one that belongs to a context
 * (SECPKG_ATTR_ACCESS_TOKEN). Whoever has another CloseHandle defines SSPI_NO_CLOSE_HANDLE.
 */
#ifndef SSPI_NO_CLOSE_HANDLE
SSPI_EXPORT BOOL WINAPI CloseHandle(HANDLE hObject);
#endif

/*
 * ---- Asynchronous calls --------------------------------------------------------------------------------------
 *
 * Windows has these for kernel code alone; here programs with an event loop have them, because the first
 * InitializeSecurityContext may wait for a KDC. Names and arguments are those of Windows' header; the four
 * message functions, SspiCancelAsyncCall, SspiDispatchAsyncCall and SspiGetAsyncDescriptor are ours.
 *
 *     SspiAsyncContext* async = SspiCreateAsyncContext();
 *     SspiInitializeSecurityContextAsyncA(async, ...);    as InitializeSecurityContextA, but it never waits
 *     struct pollfd watched = {SspiGetAsyncDescriptor(async), POLLIN, 0};
 *     while ((status = SspiGetAsyncCallStatus(async)) == SEC_I_ASYNC_CALL_PENDING)
 *       poll(&watched, 1, -1);                            or whatever the event loop does with a descriptor
 *
 *  1. An SspiAsyncContext carries one call at a time; there may be as many of them as there are descriptors.
 *     Each has its own descriptor and, while its call is in flight, a connection to sspid. 224 calls can be in
 *     flight at once: further ones are sent as soon as one has ended. One thread at a time may use an
 *     SspiAsyncContext.
 *  2. No function here waits, and the library has no thread: a call makes progress while the program is inside
 *     SspiGetAsyncCallStatus or SspiDispatchAsyncCall. The descriptor is readable when there is something to do
 *     there.
 *  3. A function that starts a call returns SEC_E_OK when the call was started, though it may even have ended
 *     already. The status and the outputs, which are those of the synchronous function, are there when
 *     SspiGetAsyncCallStatus no longer gives SEC_I_ASYNC_CALL_PENDING. It returns SEC_E_INVALID_PARAMETER, and
 *     nothing is started, where AsyncContext is NULL or its last call has not ended or has a callback still
 *     due.
 *  4. Handles, SecBufferDesc with its SecBuffers and all memory that they point to, pfContextAttr, pfQOP and
 *     ptsExpiry must stay, and stay unused, until the call has ended or was cancelled. Handles are written
 *     when it ends. Names and pAuthData are copied when it is started.
 *  5. Asynchronous calls on one security context are carried out one after another, in the order in which they
 *     were started. A synchronous call on a context does not wait for an asynchronous one, which the same
 *     thread may have to carry on: it fails with SEC_E_INVALID_PARAMETER and does nothing.
 *     DeleteSecurityContext alone succeeds; calls on the context that are still in flight may then end with
 *     SEC_E_INVALID_HANDLE.
 *  6. A child after fork() has its parent's SspiAsyncContexts, but not the calls in flight: there they have
 *     ended with SEC_E_INVALID_HANDLE, the outputs are not written, and nothing is called back. The parent
 *     notices nothing.
 *  7. When sspid goes away calls end as synchronous ones do: SEC_E_INTERNAL_ERROR where the outcome is
 *     unknown, SEC_E_INVALID_HANDLE where the handle's session has ended.
 */

/* One asynchronous call after another; see above. */
typedef struct SspiAsyncContext SspiAsyncContext;

/*
 * Called by SspiDispatchAsyncCall when a call has ended. It may do anything with Handle: free it, start the next call.
 * It must come back: no exception and no longjmp goes through the library.
 */
typedef void (*SspiAsyncNotifyCallback)(SspiAsyncContext* Handle, void* CallbackData);

/* Creates an asynchronous context, for SspiFreeAsyncContext. NULL where there is no memory or no descriptor. */
SSPI_EXPORT SspiAsyncContext* SspiCreateAsyncContext(void);

/*
 * Frees an asynchronous context, its descriptor included. A call in flight is given up as by SspiCancelAsyncCall; but
 * what SspiFreeCredentialsHandleAsync or SspiDeleteSecurityContextAsync began is done all the same. NULL is ignored.
 */
SSPI_EXPORT void SspiFreeAsyncContext(SspiAsyncContext* Handle);

/*
 * Makes an asynchronous context as it was when created, but for the callback. Not necessary before the next call.
 * SEC_E_OK; SEC_E_INVALID_PARAMETER where it is NULL or its call has not ended.
 */
SSPI_EXPORT SECURITY_STATUS SspiReinitAsyncContext(SspiAsyncContext* Handle);

/*
 * Sets what SspiDispatchAsyncCall calls when a call of this context has ended; NULL: nothing. SEC_E_OK;
 * SEC_E_INVALID_PARAMETER where Context is NULL or its call has not ended.
 */
SSPI_EXPORT SECURITY_STATUS SspiSetAsyncNotifyCallback(SspiAsyncContext* Context, SspiAsyncNotifyCallback Callback,
                                                       void* CallbackData);

/* Whether the context has a callback, so that SspiDispatchAsyncCall must be called for it. */
SSPI_EXPORT BOOLEAN SspiAsyncContextRequiresNotify(SspiAsyncContext* AsyncContext);

/*
 * Carries the call on as far as it goes without waiting, and gives its status: SEC_I_ASYNC_CALL_PENDING until it has
 * ended, then, as often as asked, what the synchronous function returns. SspiGetLastErrorText tells of a failure.
 * Nothing is called back. SEC_E_INVALID_PARAMETER where Handle is NULL or no call was made.
 */
SSPI_EXPORT SECURITY_STATUS SspiGetAsyncCallStatus(SspiAsyncContext* Handle);

/*
 * Does the same and, where the call has ended and a callback is due, calls it, once, before it returns. Callbacks run
 * nowhere else. This is what an event loop calls when the descriptor is readable.
 */
SSPI_EXPORT SECURITY_STATUS SspiDispatchAsyncCall(SspiAsyncContext* Handle);

/*
 * Gives the descriptor to poll for POLLIN: readable while a call in flight can go on, and from its end until the end
 * was told and called back. It belongs to the context and is the same as long as that lives (in a child after fork() it
 * is another one); do nothing with it but poll, by poll(2), select(2), epoll(7) or what is built on them. -1 where
 * Handle is NULL.
 */
SSPI_EXPORT int SspiGetAsyncDescriptor(SspiAsyncContext* Handle);

/*
 * Gives the call in flight up.
 *
 * TRUE: it was in flight. Nothing of the caller's is touched any more, no callback comes, and another call may be
 * started. sspid may carry the call out all the same; a credential or context that it makes is freed there. A security
 * context on which a call was given up may have moved on without its token or message: delete it.
 *
 * FALSE: nothing is in flight and nothing was done. A call may have ended unnoticed: SspiGetAsyncCallStatus tells how,
 * and what it gave is the caller's.
 */
SSPI_EXPORT BOOLEAN SspiCancelAsyncCall(SspiAsyncContext* Handle);

/* Starts AcquireCredentialsHandle. */
SSPI_EXPORT SECURITY_STATUS SspiAcquireCredentialsHandleAsyncW(SspiAsyncContext* AsyncContext, SEC_WCHAR* pszPrincipal,
                                                               SEC_WCHAR* pszPackage, ULONG fCredentialUse,
                                                               void* pvLogonId, void* pAuthData,
                                                               SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument,
                                                               PCredHandle phCredential, PTimeStamp ptsExpiry);
SSPI_EXPORT SECURITY_STATUS SspiAcquireCredentialsHandleAsyncA(SspiAsyncContext* AsyncContext, SEC_CHAR* pszPrincipal,
                                                               SEC_CHAR* pszPackage, ULONG fCredentialUse,
                                                               void* pvLogonId, void* pAuthData,
                                                               SEC_GET_KEY_FN pGetKeyFn, void* pvGetKeyArgument,
                                                               PCredHandle phCredential, PTimeStamp ptsExpiry);

/* Starts InitializeSecurityContext. */
SSPI_EXPORT SECURITY_STATUS SspiInitializeSecurityContextAsyncW(
    SspiAsyncContext* AsyncContext, PCredHandle phCredential, PCtxtHandle phContext, SEC_WCHAR* pszTargetName,
    ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG* pfContextAttr, PTimeStamp ptsExpiry);
SSPI_EXPORT SECURITY_STATUS SspiInitializeSecurityContextAsyncA(
    SspiAsyncContext* AsyncContext, PCredHandle phCredential, PCtxtHandle phContext, SEC_CHAR* pszTargetName,
    ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, ULONG* pfContextAttr, PTimeStamp ptsExpiry);

/* Starts AcceptSecurityContext. */
SSPI_EXPORT SECURITY_STATUS SspiAcceptSecurityContextAsync(SspiAsyncContext* AsyncContext, PCredHandle phCredential,
                                                           PCtxtHandle phContext, PSecBufferDesc pInput,
                                                           ULONG fContextReq, ULONG TargetDataRep,
                                                           PCtxtHandle phNewContext, PSecBufferDesc pOutput,
                                                           ULONG* pfContextAttr, PTimeStamp ptsExpiry);

/* Starts FreeCredentialsHandle. */
SSPI_EXPORT SECURITY_STATUS SspiFreeCredentialsHandleAsync(SspiAsyncContext* AsyncContext, PCredHandle phCredential);

/* Starts DeleteSecurityContext. It waits for no other call on the context. */
SSPI_EXPORT SECURITY_STATUS SspiDeleteSecurityContextAsync(SspiAsyncContext* AsyncContext, PCtxtHandle phContext);

/* Starts MakeSignature. */
SSPI_EXPORT SECURITY_STATUS SspiMakeSignatureAsync(SspiAsyncContext* AsyncContext, PCtxtHandle phContext, ULONG fQOP,
                                                   PSecBufferDesc pMessage, ULONG MessageSeqNo);

/* Starts VerifySignature. */
SSPI_EXPORT SECURITY_STATUS SspiVerifySignatureAsync(SspiAsyncContext* AsyncContext, PCtxtHandle phContext,
                                                     PSecBufferDesc pMessage, ULONG MessageSeqNo, ULONG* pfQOP);

/* Starts EncryptMessage. */
SSPI_EXPORT SECURITY_STATUS SspiEncryptMessageAsync(SspiAsyncContext* AsyncContext, PCtxtHandle phContext, ULONG fQOP,
                                                    PSecBufferDesc pMessage, ULONG MessageSeqNo);

/* Starts DecryptMessage. */
SSPI_EXPORT SECURITY_STATUS SspiDecryptMessageAsync(SspiAsyncContext* AsyncContext, PCtxtHandle phContext,
                                                    PSecBufferDesc pMessage, ULONG MessageSeqNo, ULONG* pfQOP);

#ifdef UNICODE
#define SspiAcquireCredentialsHandleAsync SspiAcquireCredentialsHandleAsyncW
#define SspiInitializeSecurityContextAsync SspiInitializeSecurityContextAsyncW
#else
#define SspiAcquireCredentialsHandleAsync SspiAcquireCredentialsHandleAsyncA
#define SspiInitializeSecurityContextAsync SspiInitializeSecurityContextAsyncA
#endif

#ifdef __cplusplus
}
#endif

#endif
