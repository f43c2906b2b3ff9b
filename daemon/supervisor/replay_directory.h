// The one folder that a worker may write to: where its mechanisms remember what they have seen, so that nobody can use
// it a second time. Each identity has one of its own, because a replay cache that others can write protects nothing.
#pragma once

#include <string>

#include <sys/types.h>

namespace sspid::supervisor {

/// STATE/rcache/NAME, made where it is missing, closed to all but `owner`. Throws std::system_error.
std::string make_replay_directory(const std::string& state, const std::string& name, uid_t owner);

/// Whose it is; 0 where it is not there.
[[nodiscard]] uid_t owner_of_replay_directory(const std::string& state, const std::string& name);

}  // namespace sspid::supervisor
