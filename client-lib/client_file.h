// client.conf: which daemon programs use, for those who do not want to say it in every environment.
//
//     # a comment
//     socket = /run/sspid/web.sock
//     connect_timeout = 10
//
// One key a line. `socket` is an absolute path or "embedded:"; `connect_timeout` is in seconds.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sspi {

/// The longest wait for a daemon that anybody can ask for, in seconds.
inline constexpr unsigned kLongestTimeout = 3600;

struct ClientFile {
  std::optional<std::string> socket;
  std::optional<std::chrono::seconds> connect_timeout;
  std::string mistake;  ///< what is wrong with the file, in words; nothing above counts then
};

/// Whose file it is decides who may be told nothing by it.
enum class FileOf {
  system,  ///< must be readable where it exists
  user,    ///< one that this process may not read, or of somebody who is neither root nor its user, is not meant for it
};

/// The file at `path`; an absent one says nothing. Never waits.
[[nodiscard]] ClientFile read_client_file(const std::string& path, FileOf whose);

/// What `text` says; `name` stands in front of a mistake.
[[nodiscard]] ClientFile parse_client_file(std::string_view text, const std::string& name);

/// Seconds as a decimal number up to the longest.
[[nodiscard]] std::optional<std::chrono::seconds> parse_timeout(std::string_view text);

}  // namespace sspi
