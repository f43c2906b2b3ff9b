// Where a worker's libraries read. Lists of paths, some of which need not exist.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sspid::worker::sandbox {

/// The system's: libraries and their modules, what name services and the C library look at, this process in /proc.
[[nodiscard]] std::vector<std::string> library_places();

/// What the configuration of Kerberos (KRB5_CONFIG) and of the mechanisms (GSS_MECH_CONFIG) names: the directories of
/// its files, so that a file which is replaced can be read, too; those it includes; and every absolute path in it, as
/// certificates have.
[[nodiscard]] std::vector<std::string> configured_places();

/// /dev/null, and the file of KRB5_TRACE where there is one.
[[nodiscard]] std::vector<std::string> writable_devices();

/// The directory where libkrb5 keeps the replay cache of this process.
[[nodiscard]] std::string replay_cache_directory();

/// Of a file of Kerberos' configuration, and of those it includes: places as above.
[[nodiscard]] std::vector<std::string> places_of_profile(const std::filesystem::path& file);

/// Of a file of mechanisms: it, and the directories of the libraries it names by their path.
[[nodiscard]] std::vector<std::string> places_of_mechanisms(const std::filesystem::path& file);

}  // namespace sspid::worker::sandbox
