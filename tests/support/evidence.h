// What a run of the tests leaves for the search that comes after it (tests/secrets): what daemons wrote, and the
// passwords and keys that must not be in it. Below results/ of the build tree. Not thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sspid::test {

/// Keeps what a daemon wrote.
void keep_log(const std::string& text);

/// Remembers a password that some program of this test is given. Short ones, which may stand anywhere, are not.
void remember_password(std::string_view password);

/// Remembers the key of a session. Any thread.
void remember_session_key(std::span<const unsigned char> key);

/// Remembers every key in the keytabs and ticket caches of a directory.
void remember_keys_below(const std::string& directory);

}  // namespace sspid::test
