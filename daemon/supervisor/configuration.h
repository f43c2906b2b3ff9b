// The configuration: a JSON file, and those in the folder conf.d beside it. docs/configuration.md describes every key,
// daemon/supervisor/sspid.schema.json gives their shape to editors.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "daemon/grant.h"

namespace sspid::supervisor {

/// What a peer must be to be a service. At least one of user and group is there unless the service has a socket of its
/// own; unit and executable only narrow it.
struct Match {
  std::optional<uid_t> uid;
  std::optional<gid_t> gid;  ///< as primary or supplementary group
  std::optional<std::string> unit;
  std::optional<std::string> executable;
  bool operator==(const Match&) const = default;
};

/// A socket to listen on: where, and who may connect as far as the file's mode says.
struct SocketPlace {
  std::string path;
  uid_t owner = 0;
  gid_t group = 0;
  mode_t mode = 0600;
  bool operator==(const SocketPlace&) const = default;
};

/// Keys in a file, and whose of them: all where none is named. "HTTP/www" is meant in any realm.
struct KeyFile {
  std::string path;
  std::vector<std::string> principals;
  bool operator==(const KeyFile&) const = default;
};

/// The users that NTLM verifies against, and whom it authenticates as where no identity is given ("*": whom the program
/// names, or the first).
struct NtlmUsers {
  std::string file;
  std::optional<std::string> default_user;
  bool operator==(const NtlmUsers&) const = default;
};

struct Service {
  std::optional<Match> match;
  std::optional<SocketPlace> socket;
  std::optional<KeyFile> accept;
  std::optional<KeyFile> initiate_by;  ///< keys to initiate with
  std::optional<NtlmUsers> ntlm;
  Grant grant;  ///< all but what does not stand in its section: identity, mechanisms
};

struct Configuration {
  std::vector<Mechanism> mechanisms;
  std::optional<NtlmUsers> ntlm;  ///< in own-uid mode

  /// Whether identities are told apart; without, sspid serves the user that runs it, with this grant.
  bool has_policy = false;
  Grant own;

  std::map<std::string, Service> services;
  std::optional<Grant> users;  ///< of everybody who is no service; none: they are not served

  std::optional<std::string> admin_socket;  ///< path; none: beside the one for programs
  std::optional<gid_t> admin_group;         ///< who besides root may ask for reports
  uid_t first_service_uid = 60'800;         ///< the uids that workers of services run under
  uid_t last_service_uid = 60'831;
};

/// Reads the text of one file. Throws json::Error, which names file, line, column and key: what is no JSON, a key that
/// does not exist, a value that is none of its key. `file` is for the complaint only.
[[nodiscard]] Configuration parse_configuration(std::string_view text, const std::string& file);

/// The same from the file, and from each "*.json" of the folder conf.d beside it in the order of their names. Services
/// add up; any other key stands in one file only. Throws std::runtime_error where one cannot be read.
[[nodiscard]] Configuration read_configuration(const std::string& file);

/// What holds without a file: everything that is installed is offered, and NTLM's users are in the file that
/// NTLM_USER_FILE names (nullptr: none), its first entry the default, as gss-ntlmssp has it.
[[nodiscard]] Configuration configuration_without_file(const char* ntlm_user_file);

}  // namespace sspid::supervisor
