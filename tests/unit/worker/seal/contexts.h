// Pairs of established contexts that libgssapi makes with a real KDC, one realm per encryption type, and copies of
// their ends: two engines can be given the same messages in the same state.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <gssapi/gssapi.h>

#include "daemon/worker/gss/handle.h"
#include "daemon/worker/gss/message.h"
#include "daemon/worker/seal/cfx.h"

namespace sspid::test {

using Octets = std::vector<std::byte>;

inline constexpr OM_uint32 kAllFlags =
    GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;

enum class Mech { kerberos, spnego };

struct ContextOptions {
  std::string enctype = "aes256-cts-hmac-sha1-96";
  OM_uint32 flags = kAllFlags;
  Mech mech = Mech::kerberos;
};

struct Ends {
  worker::gss::Context initiator;
  worker::gss::Context acceptor;
  OM_uint32 flags = 0;  ///< as granted to the initiator
};

/// Throws, with libgssapi's words, where no context comes about.
[[nodiscard]] Ends establish(const ContextOptions& options);

/// A second context in the same state; `context` stays.
[[nodiscard]] worker::gss::Context copy_of(worker::gss::Context& context);

/// Takes a copy over, so that the original is there to compare with. Fails the test when that is refused.
[[nodiscard]] std::unique_ptr<worker::seal::Cfx> engine_on_copy_of(worker::gss::Context& context, OM_uint32 flags);

/// The four encryption types by their Kerberos names.
[[nodiscard]] const std::vector<std::string>& all_enctypes();

[[nodiscard]] Octets some_octets(std::size_t length, unsigned seed = 1);

/// A heap block of just this size: AddressSanitizer sees a step beside it.
class ExactBlock {
 public:
  explicit ExactBlock(std::span<const std::byte> content);
  [[nodiscard]] std::span<std::byte> bytes() { return {block_.get(), size_}; }
  [[nodiscard]] Octets copy() const { return {block_.get(), block_.get() + size_}; }

 private:
  std::unique_ptr<std::byte[]> block_;
  std::size_t size_;
};

}  // namespace sspid::test
