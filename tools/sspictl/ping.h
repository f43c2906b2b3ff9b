// sspictl ping: is the daemon there and does it answer, and how much does it hold?
#pragma once

#include <string>

#include "connection.h"

namespace sspictl {

enum class Format { text, json };

/// What to print, without a newline at the end. Throws Failure.
[[nodiscard]] std::string ping(Connection& connection, Format format);

}  // namespace sspictl
