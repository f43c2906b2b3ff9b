// How failures of GSS-API and libkrb5 become a SECURITY_STATUS, and the text that goes with them. The mapping is made
// of tables (status.cpp): by minor code where it is telling, else by the major code and the call that failed.
//
// Pure but for the texts: GSS-API keeps a failure's details for the thread on which it happened, so describe() is
// called there and before the next GSS call.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <gssapi/gssapi.h>
#include <krb5/krb5.h>
#include <sspi.h>

namespace sspid::worker::gss {

/// What failed: the same codes mean different things to different calls.
enum class Call { acquire, initialize, accept, wrap, unwrap, get_mic, verify_mic };

/// Delegation on a user's behalf: the KDC refuses both with one code.
enum class OnBehalf { none, of_any_user, of_client };  // S4U2Self, S4U2Proxy

/// What else the mapping needs to know. Every field may be left out.
struct Circumstances {
  bool explicit_credentials = false;   ///< a user and password were given, not tickets that were there
  std::string_view text{};             ///< of describe(): tells which principal the KDC missed
  std::span<const std::byte> token{};  ///< the peer's token, for unwrap and verify_mic
  std::size_t nominal_token = 0;       ///< verify_mic: how long signatures of the context are
  bool stream = false;                 ///< unwrap: the message came whole, in a STREAM buffer
  bool ntlm = false;                   ///< NTLM carries the context
  bool has_tgt = false;                ///< the credential holds a ticket-granting ticket
  OnBehalf on_behalf = OnBehalf::none;
};

/// SEC_E_OK for success, SEC_I_CONTINUE_NEEDED where the exchange goes on, SEC_E_OUT_OF_SEQUENCE for a message that was
/// opened but is late, missing predecessors or repeated.
[[nodiscard]] SECURITY_STATUS status_of(Call call, OM_uint32 major, OM_uint32 minor,
                                        const Circumstances& circumstances);

/// The same for an error of libkrb5 itself.
[[nodiscard]] SECURITY_STATUS krb5_status(Call call, krb5_error_code code, const Circumstances& circumstances = {});

/// Whether MIT's mechglue replaced the mechanism's minor code by a number of its own, which then means nothing. Callers
/// that can, ask the mechanism itself; otherwise the text tells (minor_in).
[[nodiscard]] bool is_renumbered(OM_uint32 minor);

/// The code of libkrb5 whose message stands in `text`. 0: none that is known.
[[nodiscard]] krb5_error_code minor_in(std::string_view text);

/// One line for people: the texts of both codes with MIT's details, principals included. At most proto::kMaxDetail
/// bytes.
[[nodiscard]] std::string describe(OM_uint32 major, OM_uint32 minor, gss_OID mechanism);

/// The same for an error of libkrb5 itself.
[[nodiscard]] std::string describe_krb5(krb5_context context, krb5_error_code code);

}  // namespace sspid::worker::gss
