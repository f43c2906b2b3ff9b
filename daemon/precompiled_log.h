// spdlog, for precompiled headers (cmake/Precompiled.cmake).
#pragma once

#include <spdlog/spdlog.h>

// libfmt has this function; its header does not say so, and each source that logs a line would compile all of fmt
// again.
extern template void fmt::detail::vformat_to<char>(fmt::detail::buffer<char>&, fmt::string_view,
                                                   fmt::basic_format_args<fmt::buffer_context<char>>,
                                                   fmt::detail::locale_ref);
