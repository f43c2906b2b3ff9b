// Lists that are put together from what all workers report.
#pragma once

#include "admin.h"
#include "commands.h"

namespace sspictl {

/// One member of all reports as one list, each item with the identity of its worker. `row` makes the table's line of an
/// item. Workers that did not answer are complained of on standard error.
[[nodiscard]] Result list_all(const Options& options, const char* member, std::vector<std::string> heading,
                              std::vector<std::string> (*row)(const Json& item, std::int64_t now));

}  // namespace sspictl
