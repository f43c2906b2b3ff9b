#include "daemon/admin_protocol.h"

#include <cstring>

namespace sspid::admin {

namespace {

constexpr std::uint32_t kRequestMagic = 0x51415353;  // "SSAQ"
constexpr std::uint32_t kAnswerMagic = 0x52415353;   // "SSAR"
constexpr std::uint16_t kVersion = 1;

// Both ends are on the same machine, so the host's byte order is good enough.
struct Request {
  std::uint32_t magic;
  std::uint16_t version;
  Kind kind;
  std::uint32_t reserved[2];
};
static_assert(sizeof(Request) == kRequestSize);

struct Answer {
  std::uint32_t magic;
  std::uint32_t version;
  std::uint32_t json;
  std::uint32_t reports;
};
static_assert(sizeof(Answer) == kHeaderSize);

template <class Layout>
std::array<std::byte, sizeof(Layout)> bytes_of(const Layout& layout) {
  std::array<std::byte, sizeof(Layout)> bytes;
  std::memcpy(bytes.data(), &layout, sizeof layout);
  return bytes;
}

}  // namespace

std::array<std::byte, kRequestSize> encode(Kind kind) { return bytes_of(Request{kRequestMagic, kVersion, kind, {}}); }

std::optional<Kind> decode_request(std::span<const std::byte, kRequestSize> bytes) {
  for (const Kind kind : {Kind::status, Kind::reports, Kind::reload})
    if (const auto request = encode(kind); std::memcmp(request.data(), bytes.data(), kRequestSize) == 0) return kind;
  return std::nullopt;
}

std::array<std::byte, kHeaderSize> encode(const Header& header) {
  return bytes_of(Answer{kAnswerMagic, kVersion, header.json, header.reports});
}

std::optional<Header> decode_header(std::span<const std::byte, kHeaderSize> bytes) {
  Answer answer;
  std::memcpy(&answer, bytes.data(), sizeof answer);
  if (answer.magic != kAnswerMagic || answer.version != kVersion) return std::nullopt;
  if (answer.json > kMaxJson || answer.reports > kMaxReports) return std::nullopt;
  return Header{answer.json, answer.reports};
}

std::string default_socket(const std::string& socket) {
  const auto slash = socket.rfind('/');
  return (slash == std::string::npos ? std::string() : socket.substr(0, slash + 1)) + "admin.sock";
}

}  // namespace sspid::admin
