// What sspictl and the supervisor tell each other over the admin socket: one request of fixed size, one answer, then
// the connection ends. The supervisor reads exactly the request and nothing else.
//
// The answer is a header, then JSON of the supervisor's own, then as many bytes as the header says there are reports.
// Each of these comes alone and carries the reading end of a pipe, into which a worker writes its report: what a worker
// writes passes the supervisor by. Functions keep no state and may be called from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "proto/descriptor.h"

namespace sspid::admin {

enum class Kind : std::uint16_t {
  status = 1,   ///< what the supervisor knows
  reports = 2,  ///< the same, and a report of each worker
  reload = 3,   ///< read the configuration again
};

inline constexpr std::size_t kRequestSize = 16;
inline constexpr std::size_t kHeaderSize = 16;

/// The supervisor's JSON: some hundred bytes for each worker and each rule of the policy.
inline constexpr std::size_t kMaxJson = std::size_t{16} << 20;

/// Reports in one answer: each is a descriptor of whoever asked.
inline constexpr std::size_t kMaxReports = 4096;

/// What a worker may write. A context takes some 300 bytes, and a client may have a hundred thousand.
inline constexpr std::size_t kMaxReport = std::size_t{256} << 20;

struct Header {
  std::uint32_t json = 0;     ///< bytes
  std::uint32_t reports = 0;  ///< in the order in which the JSON names the workers that were asked
};

[[nodiscard]] std::array<std::byte, kRequestSize> encode(Kind kind);
/// Nothing unless the bytes are what encode() makes of a kind.
[[nodiscard]] std::optional<Kind> decode_request(std::span<const std::byte, kRequestSize> bytes);

[[nodiscard]] std::array<std::byte, kHeaderSize> encode(const Header& header);
/// Nothing where they are no header of this version, or one beyond the bounds.
[[nodiscard]] std::optional<Header> decode_header(std::span<const std::byte, kHeaderSize> bytes);

/// Where the admin socket is if nobody says otherwise: beside the one for programs.
[[nodiscard]] std::string default_socket(const std::string& socket);

}  // namespace sspid::admin
