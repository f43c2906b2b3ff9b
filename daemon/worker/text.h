// Text that others chose on its way to programs and logs, which are promised UTF-8. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace sspid::worker {

/// `text` with "\xHH" for every byte that belongs to no character of UTF-8. Names of Kerberos are bytes, chosen by
/// whoever runs a realm; a replacement character would make one name of several. No principal is displayed with that
/// escape, so names that differ are told differently.
[[nodiscard]] std::string as_utf8(std::string_view text);

}  // namespace sspid::worker
