// What a credential has of NTLM: a user to authenticate as, users to verify against.
//
// Set up by one thread, before others see it; from then on any thread.
#pragma once

#include <memory>
#include <string>

#include "daemon/worker/gss/credential_store.h"
#include "daemon/worker/gss/handle.h"
#include "daemon/worker/ntlm/user_lines.h"
#include "daemon/worker/outcome.h"

namespace sspid::worker::ntlm {

class Source {
 public:
  /// Authenticates as the one user of `line`.
  void use_user(std::shared_ptr<const UserLines> line) { user_ = std::move(line); }
  /// Verifies against `lines`.
  void use_users(std::shared_ptr<const UserLines> lines) { users_ = std::move(lines); }

  void initiate_as(const Source& other) { user_ = other.user_; }
  void accept_as(const Source& other) { users_ = other.users_; }

  [[nodiscard]] bool can_initiate() const { return user_ != nullptr; }
  [[nodiscard]] bool can_accept() const { return users_ != nullptr; }

  void add_user(gss::CredentialStore& store) const;
  void add_users(gss::CredentialStore& store) const;

  /// "DOM\user" of whom it authenticates as; empty: nobody.
  [[nodiscard]] std::string user() const { return user_ ? user_->owner() : std::string(); }

 private:
  std::shared_ptr<const UserLines> user_;
  std::shared_ptr<const UserLines> users_;
};

/// A name that gss-ntlmssp takes for a server, which it must have: as the target of an initiator (BAD_NAME without one)
/// and in the credential of an acceptor (it crashes without one). `target` where that is of the form svc/host; else
/// this host, as no service of it: an acceptor that names one is refused by clients that want another.
Outcome server_name(const std::string& target, gss::Name& name);

}  // namespace sspid::worker::ntlm
