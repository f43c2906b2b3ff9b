// Servers that refuse to run as root run as `nobody` when the tests run as root, else as whoever runs the tests.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sspid::test {

/// The command as that user runs it. It still ends with the test process.
[[nodiscard]] std::vector<std::string> unprivileged(std::vector<std::string> command);

/// Makes that user the owner of a directory and all it holds.
void give_to_unprivileged(const std::filesystem::path& directory);

}  // namespace sspid::test
