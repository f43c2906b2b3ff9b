// SSPI's context flags and GSS-API's, there and back (RFC 2743 flags, MS-SSPI requirement bits). Pure functions.
#pragma once

#include <cstdint>

#include <gssapi/gssapi.h>

namespace sspid::worker::gss {

/// ISC_REQ_* to what gss_init_sec_context is asked for. Only SPNEGO honours NO_INTEGRITY.
[[nodiscard]] OM_uint32 request_flags(std::uint32_t requirements, bool negotiates);

/// Whether the caller wants neither integrity nor confidentiality, which MIT would grant unasked (E-080).
[[nodiscard]] bool wants_no_ci_flags(std::uint32_t requirements, bool negotiates);

/// What was granted, as ISC_RET_*: the intersection of what GSS reports with what was requested or implied, because MIT
/// reports protections that nobody asked for.
[[nodiscard]] std::uint32_t initiator_attributes(OM_uint32 granted, std::uint32_t requirements, bool negotiates);

/// What was granted, as ASC_RET_*: what the client's authenticator carried.
[[nodiscard]] std::uint32_t acceptor_attributes(OM_uint32 granted, std::uint32_t requirements);

/// While the exchange goes on only flags that promise no security are shown (E-156).
[[nodiscard]] std::uint32_t intermediate_initiator_attributes(std::uint32_t requirements);
[[nodiscard]] std::uint32_t intermediate_acceptor_attributes(std::uint32_t requirements);

/// What an NTLM context can keep of the flags that gss-ntlmssp claims: its initiator gets back what it asked for,
/// mutual authentication included, its acceptor only confidentiality and integrity (spec, mapping 2.2).
enum class Side { initiator, acceptor };
[[nodiscard]] OM_uint32 ntlm_flags(OM_uint32 granted, Side side);

}  // namespace sspid::worker::gss
