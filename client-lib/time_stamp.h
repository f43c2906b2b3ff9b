// Times: UTC seconds on the wire, local FILETIME in SSPI (mapping: local time as the caller's time zone has it).
#pragma once

#include <cstdint>

#include "sspi.h"

namespace sspi {

/// 0 and "never" stay what they are.
[[nodiscard]] TimeStamp to_time_stamp(std::int64_t utc_seconds);

/// Where the caller wants to know.
void write_time(std::int64_t utc_seconds, PTimeStamp where);

}  // namespace sspi
