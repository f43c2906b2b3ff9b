// Users with passwords in the form that gss-ntlmssp reads: a file of lines DOMAIN:user:password, or smbpasswd's
// user:uid:LM:NT:…, here always in memory. What a credential may verify against, or authenticate as, is the file that
// its GSS credentials are pointed at, and nothing else: no process-wide user file is used.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/worker/credential_request.h"
#include "daemon/worker/outcome.h"
#include "proto/descriptor.h"

namespace sspid::worker::ntlm {

/// "DOM\user", or the user alone.
[[nodiscard]] std::string qualified(std::string_view domain, std::string_view user);

/// One entry of a users file.
struct UserLine {
  std::string_view line;  ///< without its end
  std::string_view domain;
  std::string_view user;
};

/// The entry of `name` ("DOM\user" or "user", letter case ignored), or the first one where none is named. Pure.
[[nodiscard]] std::optional<UserLine> find_line(std::string_view lines, std::string_view name);

/// A file of lines that lives in memory; GSS credentials open it by path(), so it must outlive them. Never changes. Any
/// thread.
class UserLines {
 public:
  /// What the supervisor passed.
  explicit UserLines(proto::Descriptor file);

  /// One user with a password, which may be empty. SEC_E_UNKNOWN_CREDENTIALS where no line can hold the name.
  static Outcome of_identity(const PasswordIdentity& identity, std::shared_ptr<const UserLines>& lines);

  /// The one entry of `name` out of all, or the first. SEC_E_NO_CREDENTIALS where there is none.
  Outcome only(std::string_view name, std::shared_ptr<const UserLines>& line) const;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Of a single line: whose it is, "DOM\user". Empty for all others.
  [[nodiscard]] const std::string& owner() const { return owner_; }

 private:
  static Outcome of_line(std::string_view line, std::string owner, std::shared_ptr<const UserLines>& lines);

  proto::Descriptor file_;
  std::string path_;
  std::string owner_;
};

/// The users that the configuration names, in the version in force. Replacing it changes what is acquired from now on.
class Users {
 public:
  void replace(proto::Descriptor file);

  /// Null: there are none.
  [[nodiscard]] std::shared_ptr<const UserLines> current() const;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const UserLines> lines_;
};

}  // namespace sspid::worker::ntlm
