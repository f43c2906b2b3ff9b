// What a CtxtHandle names: a security context, half-built or complete, and what was learned about it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gssapi/gssapi.h>

#include "daemon/worker/credential.h"
#include "daemon/worker/gss/handle.h"
#include "daemon/worker/gss/sizes.h"
#include "daemon/worker/ntlm/guard.h"
#include "daemon/worker/outcome.h"
#include "daemon/worker/pac.h"
#include "daemon/worker/packages.h"
#include "daemon/worker/sealer.h"
#include "daemon/worker/secret.h"
#include "proto/sspid_generated.h"

namespace sspid::worker {

enum class Role { initiator, acceptor };

/// Only `established` contexts protect messages. `failed`: a later leg went wrong, nothing but deletion is left.
/// `expired`: half-open for too long (E-186), its GSS context is gone.
enum class Stage { partial, established, failed, expired };

/// Channel bindings of a context, kept for its later legs.
class Bindings {
 public:
  explicit Bindings(const proto::ChannelBindings& from);
  Bindings(const Bindings&) = delete;
  Bindings& operator=(const Bindings&) = delete;
  [[nodiscard]] gss_channel_bindings_t get() { return &view_; }

 private:
  std::vector<std::byte> initiator_, acceptor_, application_;
  gss_channel_bindings_struct view_{};
};

/// What attributes show of an established context beside the names, learned from GSS once.
struct Facts {
  std::int32_t enctype = 0;
  Secret session_key;  ///< empty where the mechanism shows none
  gss::Sizes sizes;
};

/// Who stands behind a server's context, beyond the name.
struct ClientIdentity {
  std::string account;             ///< of this system, as the mechanism maps the name; empty: none
  std::optional<LogonInfo> logon;  ///< of the ticket's PAC; MIT's own KDC issues none
};

/// Whoever reads or changes anything but `role`, `credential` and `package` holds `mutex`.
class Context {
 public:
  Context(Role in_role, std::shared_ptr<Credential> from)
      : role(in_role),
        credential(std::move(from)),
        package(&credential->package()),
        choice(package->family == Family::ntlm ? Choice::ntlm : Choice::kerberos),
        guard(role == Role::initiator ? ntlm::Guard::Side::initiator : ntlm::Guard::Side::acceptor) {}

  const Role role;
  const std::shared_ptr<Credential> credential;
  const Package* const package;  ///< as the program named it; what a negotiation chose is `mechanism`

  std::mutex mutex;
  Stage stage = Stage::partial;
  unsigned legs = 0;
  SECURITY_STATUS last_status = SEC_E_OK;  ///< of the leg by which it failed
  gss::Context gss;
  bool is_raw = false;    ///< acceptor: the peer speaks a mechanism itself, without negotiation
  Choice choice;          ///< what of the credential the exchange goes on with
  ntlm::Guard guard;      ///< of exchanges that may be NTLM's
  gss::Name target;       ///< initiator: whom it wants; none where Kerberos has no such name
  gss::Name ntlm_target;  ///< the same for NTLM
  std::string target_text;
  gss::Credential delegated;                    ///< acceptor: what the initiator handed over, until somebody uses it
  std::vector<std::byte> ticket;                ///< acceptor: the initiator's ticket, where the program may act for it
  std::shared_ptr<TicketCache> client_tickets;  ///< acceptor: with which the program acted for the client before
  std::unique_ptr<Bindings> bindings;
  std::uint32_t requirements = 0;  ///< ISC_REQ_* or ASC_REQ_* of the first leg
  std::uint32_t attributes = 0;    ///< ISC_RET_* or ASC_RET_*, without the memory flags
  OM_uint32 gss_flags = 0;
  gss_OID mechanism = GSS_C_NO_OID;  ///< static memory of the mechanism; set when established
  std::int64_t start = 0;            ///< UTC seconds
  std::int64_t expiry = 0;
  std::int64_t touched = 0;  ///< last leg, to find contexts that nobody finishes

  // Learned when the context is established; nobody changes them afterwards, nor the attributes.
  std::string initiator_name;  ///< "alice@EXAMPLE.TEST", "EXAMPLE\alice"
  std::string acceptor_name;   ///< "host/localhost@EXAMPLE.TEST"; empty with NTLM

  std::atomic<std::int64_t> spent{0};  ///< nanoseconds, on all legs; without `mutex`

  /// Learns the names. The exchange is complete.
  void learn_names();

  /// Learns `facts` at first need. The context is established.
  Outcome learn(const Facts*& facts);

  /// Learns at first need who the client is. The context is an established acceptor's. SEC_E_INTERNAL_ERROR where its
  /// ticket says something that cannot be read: whoever leaves groups out may grant what they deny.
  Outcome client(const ClientIdentity*& client);

  /// What protects messages, made for the first one: a context that carries none pays for no keys. Learns the facts
  /// before, since the engine may use the GSS context up.
  Outcome sealer(Sealer*& sealer);

  /// A second context in the state of this one, which is established. Both have the same keys and, from here on, count
  /// their messages apart: with two that send, the peer sees numbers twice. Where the engine cannot be copied, this one
  /// stays as it is; where GSS-API loses it on the way, it has failed.
  Outcome copy(std::shared_ptr<Context>& copied);

  /// Whether a message was made or opened, or tried to: the numbers of messages may not be the first ones any more.
  [[nodiscard]] bool has_met_messages() const { return sealer_ != nullptr; }

  /// Whether messages may be protected or opened now: SEC_E_OK, SEC_E_INVALID_HANDLE while incomplete (E-114),
  /// SEC_E_CONTEXT_EXPIRED (E-115), SEC_E_QOP_NOT_SUPPORTED where neither protection was granted.
  Outcome ready_for_messages() const;

  /// The package whose mechanism protects the messages: what a negotiation chose, or would choose as things stand.
  [[nodiscard]] const Package& chosen() const;

  [[nodiscard]] bool grants_integrity() const;
  [[nodiscard]] bool grants_confidentiality() const;

  /// Gives up the GSS context of an unfinished exchange that was not touched since `before`.
  void expire_if_idle(std::int64_t before);

 private:
  std::shared_ptr<const Facts> facts_;            // shared with the context's copies
  gss::Name client_name_;                         // with what its ticket says, until somebody asks
  std::shared_ptr<const ClientIdentity> client_;  // likewise shared
  std::unique_ptr<Sealer> sealer_;
};

}  // namespace sspid::worker
