// The configuration file: JSON, read once when sspid starts. docs/configuration.md describes every key.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sspid::supervisor {

/// A mechanism of GSS-API that is made a package.
struct Mechanism {
  std::string name;
  std::string oid;
  std::string comment;
  bool operator==(const Mechanism&) const = default;
};

struct Configuration {
  std::optional<std::vector<std::string>> offer;  ///< names of packages; none: whatever is installed
  std::vector<Mechanism> mechanisms;
  std::optional<std::string> users_file;  ///< path; NTLM verifies against it
  std::optional<std::string>
      default_user;  ///< whom NTLM authenticates as where no identity is given; "*": whom it names, or the first
};

/// Reads the text of a configuration file. Throws json::Error, which names file, line, column and key: what is no JSON,
/// a key that does not exist, a value that is none of its key. `file` is for the complaint only.
[[nodiscard]] Configuration parse_configuration(std::string_view text, const std::string& file);

/// The same from the file. Throws std::runtime_error where it cannot be read.
[[nodiscard]] Configuration read_configuration(const std::string& file);

/// What holds without a file: everything that is installed is offered, and NTLM's users are in the file that
/// NTLM_USER_FILE names (nullptr: none), its first entry the default, as gss-ntlmssp has it.
[[nodiscard]] Configuration configuration_without_file(const char* ntlm_user_file);

}  // namespace sspid::supervisor
