// Pairs of established contexts that libgssapi makes with a real KDC, one realm per encryption type, and copies of
// their ends: two engines can be given the same messages in the same state.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gssapi/gssapi.h>
#include <gtest/gtest.h>

#include "daemon/worker/gss/handle.h"
#include "daemon/worker/gss/message.h"
#include "daemon/worker/seal/cfx.h"
#include "octets.h"

namespace sspid::test {

inline constexpr OM_uint32 kAllFlags =
    GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;

enum class Mech { kerberos, spnego };

struct ContextOptions {
  std::string enctype = "aes256-cts-hmac-sha1-96";  ///< what the ends agree on
  std::string session_enctype{};                    ///< of the ticket's session key, where it is to be another
  OM_uint32 flags = kAllFlags;
  Mech mech = Mech::kerberos;
};

struct Ends {
  worker::gss::Context initiator;
  worker::gss::Context acceptor;
  OM_uint32 flags = 0;  ///< as granted to the initiator
};

/// Lets libgssapi find the realm, its KDC, keytab and tickets.
void enter_realm(const ContextOptions& options);

/// Throws, with libgssapi's words, where no context comes about.
[[nodiscard]] Ends establish(const ContextOptions& options);

/// A second context in the same state; `context` stays.
[[nodiscard]] worker::gss::Context copy_of(worker::gss::Context& context);

/// Takes a copy over, so that the original is there to compare with. Fails the test when that is refused.
[[nodiscard]] std::unique_ptr<worker::seal::Cfx> engine_on_copy_of(worker::gss::Context& context, OM_uint32 flags);

/// The four encryption types by their Kerberos names.
[[nodiscard]] const std::vector<std::string>& all_enctypes();
/// For the names of cases: "aes128_cts_hmac_sha1_96".
[[nodiscard]] std::string enctype_name(const ::testing::TestParamInfo<std::string>& info);

}  // namespace sspid::test
