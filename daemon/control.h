// What supervisor and worker tell each other over the SOCK_SEQPACKET pair between them: one message of fixed size at a
// time, some with a descriptor. Nothing that a client sent ever travels here.
//
// The supervisor sends Grant, Keytab, ClientKeytab, Users, Connection and Report, the worker sends Ready, Alive,
// TurnedAway and Idle; each side ends its peer, or itself, over anything else. Functions keep no state and may be
// called from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include <sys/types.h>

#include "proto/descriptor.h"

namespace sspid {

/// Who is at the other end of a client's socket, as the kernel said when the connection was accepted. The texts are for
/// people and for policy that narrows a uid: empty where the kernel cannot tell.
struct Peer {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;             ///< 0: of no process that can be seen from here
  std::string unit{};        ///< the system's systemd unit: "apache2.service", "user@1000.service"
  std::string executable{};  ///< its path
  bool operator==(const Peer&) const = default;
};

}  // namespace sspid

namespace sspid::control {

/// Supervisor to worker, with the client's socket: talk to this client.
struct Connection {
  Peer peer;
  bool operator==(const Connection&) const = default;
};

/// Supervisor to worker: what policy allows from now on (grant.h), with a sealed copy of its text. It comes before any
/// connection, and again whenever it has changed.
struct Grant {
  bool operator==(const Grant&) const = default;
};

/// Supervisor to worker: the keytab to accept with from now on, with a sealed copy of it, or without when there is none
/// (any more).
struct Keytab {
  bool present = false;
  bool operator==(const Keytab&) const = default;
};

/// Supervisor to worker: the keytab to initiate with from now on, likewise.
struct ClientKeytab {
  bool present = false;
  bool operator==(const ClientKeytab&) const = default;
};

/// Supervisor to worker: the users that NTLM verifies against from now on, likewise.
struct Users {
  bool present = false;
  bool operator==(const Users&) const = default;
};

/// Supervisor to worker, with the writing end of a pipe: write there what there is to report, and close it. Only who
/// asked the supervisor reads it.
struct Report {
  bool operator==(const Report&) const = default;
};

/// Worker to supervisor: privileges are dropped, send me connections.
struct Ready {
  bool operator==(const Ready&) const = default;
};

/// Worker to supervisor, every few seconds: all of my event loops go round.
struct Alive {
  bool operator==(const Alive&) const = default;
};

/// Worker to supervisor: of the connections that came, so many, none is left, and nothing is kept for anybody.
struct Idle {
  std::uint32_t connections = 0;
  bool operator==(const Idle&) const = default;
};

/// Worker to supervisor: so many connections more were turned away, because of the identity's quota or because the
/// worker cannot have more.
struct TurnedAway {
  std::uint32_t connections = 0;
  bool by_quota = false;
  bool operator==(const TurnedAway&) const = default;
};

using Message = std::variant<Connection, Grant, Keytab, ClientKeytab, Users, Report, Ready, Alive, TurnedAway, Idle>;

/// Longer texts of a Peer are cut off.
inline constexpr std::size_t kMaxUnit = 127;
inline constexpr std::size_t kMaxExecutable = 255;

inline constexpr std::size_t kMessageSize = 400;

/// The number under which a worker finds its end of the pair.
inline constexpr int kWorkerSocket = 3;

[[nodiscard]] std::array<std::byte, kMessageSize> encode(const Message& message);

/// Nothing unless the bytes are exactly what encode() makes of some message.
[[nodiscard]] std::optional<Message> decode(std::span<const std::byte> bytes);

/// Whether a descriptor has to come with this message; where not, none may.
[[nodiscard]] bool carries_descriptor(const Message& message);

enum class Sent {
  done,
  queue_full,  ///< wait until the socket can be written to
  peer_gone,
};

/// Never blocks. The descriptor stays the caller's.
[[nodiscard]] Sent send(int socket, const Message& message, int descriptor = -1);

struct Nothing {};    ///< no message is there now
struct Closed {};     ///< the other side is gone
struct Malformed {};  ///< what came is no message; its descriptors are closed
struct Received {
  Message message;
  proto::Descriptor descriptor;
};

/// Never blocks.
[[nodiscard]] std::variant<Received, Nothing, Closed, Malformed> receive(int socket);

}  // namespace sspid::control
