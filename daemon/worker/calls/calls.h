// The handlers, one per call and one file each: <call>.cpp. dispatch.cpp has verified the request and found the
// session; a handler only acts, and returns the status that the program will see.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "daemon/worker/outcome.h"
#include "daemon/worker/payload.h"
#include "daemon/worker/session.h"
#include "daemon/worker/worker.h"
#include "proto/descriptor.h"
#include "proto/sspid_generated.h"

namespace sspid::worker {

/// The objects that a call made for its client. Until that has read the answer they may have to be taken back.
struct Made {
  std::optional<proto::Handle> credential;
  std::optional<proto::Handle> context;
};

/// On whose behalf a call runs, and what came with it beside the table.
struct Caller {
  Worker& worker;
  Session& session;
  std::span<std::byte> payload;   ///< of the request; may be changed in place
  proto::Descriptor& descriptor;  ///< that came with the request; may be taken
  Made& made;
  bool may_wait;  ///< false on the event loop: return kMustWait instead of waiting

  /// Gives the client a handle of what was made for it.
  [[nodiscard]] std::unique_ptr<proto::Handle> hand_out(std::shared_ptr<Credential> credential) {
    return std::make_unique<proto::Handle>(made.credential.emplace(session.credentials.insert(std::move(credential))));
  }
  [[nodiscard]] std::unique_ptr<proto::Handle> hand_out(std::shared_ptr<Context> context) {
    return std::make_unique<proto::Handle>(made.context.emplace(session.contexts.insert(std::move(context))));
  }
};

/// The answer in the making: its table without status and detail, which dispatch fills in, and its payload.
template <class Table>
struct Reply {
  Table table;
  Payload& payload;
};

namespace calls {

Outcome ping(Caller&, const proto::PingRequest&, Reply<proto::PingReplyT>&);
Outcome enumerate_security_packages(Caller&, const proto::EnumerateSecurityPackagesRequest&,
                                    Reply<proto::EnumerateSecurityPackagesReplyT>&);
Outcome acquire_credentials_handle(Caller&, const proto::AcquireCredentialsHandleRequest&,
                                   Reply<proto::AcquireCredentialsHandleReplyT>&);
Outcome acquire_credentials_for_user(Caller&, const proto::AcquireCredentialsForUserRequest&,
                                     Reply<proto::AcquireCredentialsForUserReplyT>&);
Outcome query_credentials_attributes(Caller&, const proto::QueryCredentialsAttributesRequest&,
                                     Reply<proto::QueryCredentialsAttributesReplyT>&);
Outcome add_credentials(Caller&, const proto::AddCredentialsRequest&, Reply<proto::AddCredentialsReplyT>&);
Outcome set_credentials_attributes(Caller&, const proto::SetCredentialsAttributesRequest&,
                                   Reply<proto::SetCredentialsAttributesReplyT>&);
Outcome change_account_password(Caller&, const proto::ChangeAccountPasswordRequest&,
                                Reply<proto::ChangeAccountPasswordReplyT>&);
Outcome translate_name(Caller&, const proto::TranslateNameRequest&, Reply<proto::TranslateNameReplyT>&);
Outcome protect_for_logon(Caller&, const proto::ProtectForLogonRequest&, Reply<proto::ProtectForLogonReplyT>&);
Outcome initialize_security_context(Caller&, const proto::InitializeSecurityContextRequest&,
                                    Reply<proto::InitializeSecurityContextReplyT>&);
Outcome accept_security_context(Caller&, const proto::AcceptSecurityContextRequest&,
                                Reply<proto::AcceptSecurityContextReplyT>&);
Outcome query_context_attributes(Caller&, const proto::QueryContextAttributesRequest&,
                                 Reply<proto::QueryContextAttributesReplyT>&);
Outcome export_security_context(Caller&, const proto::ExportSecurityContextRequest&,
                                Reply<proto::ExportSecurityContextReplyT>&);
Outcome import_security_context(Caller&, const proto::ImportSecurityContextRequest&,
                                Reply<proto::ImportSecurityContextReplyT>&);
Outcome query_context_identity(Caller&, const proto::QueryContextIdentityRequest&,
                               Reply<proto::QueryContextIdentityReplyT>&);
Outcome make_signature(Caller&, const proto::MakeSignatureRequest&, Reply<proto::MakeSignatureReplyT>&);
Outcome verify_signature(Caller&, const proto::VerifySignatureRequest&, Reply<proto::VerifySignatureReplyT>&);
Outcome encrypt_message(Caller&, const proto::EncryptMessageRequest&, Reply<proto::EncryptMessageReplyT>&);
Outcome decrypt_message(Caller&, const proto::DecryptMessageRequest&, Reply<proto::DecryptMessageReplyT>&);

// One-way: nobody waits for an answer.
void free_credentials_handle(Caller&, const proto::FreeCredentialsHandleRequest&);
void delete_security_context(Caller&, const proto::DeleteSecurityContextRequest&);

}  // namespace calls

/// Finds a context and takes its lock, for the time of one call. Calls on one context are serialised, whichever
/// connection or process they come from.
class LockedContext {
 public:
  /// SEC_E_INVALID_HANDLE where there is none; kMustWait where another call has it and this one may not wait.
  Outcome find(Caller& caller, const proto::Handle* handle);
  Context* operator->() const { return context_.get(); }
  Context& operator*() const { return *context_; }
  [[nodiscard]] const std::shared_ptr<Context>& shared() const { return context_; }

 private:
  std::shared_ptr<Context> context_;
  std::unique_lock<std::mutex> lock_;  // released before the context may go
};

/// find() and, for the message calls, Context::ready_for_messages().
Outcome find_for_message(Caller& caller, const proto::Handle* handle, LockedContext& context);

/// A package as the program sees it.
[[nodiscard]] std::unique_ptr<proto::PackageT> describe_package(const Package& package);

}  // namespace sspid::worker
