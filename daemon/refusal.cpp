#include "daemon/refusal.h"

#include <sys/socket.h>

namespace sspid {

void refuse(int socket, proto::Refusal reason) {
  const auto bytes =
      proto::encode_header({.request = static_cast<std::uint32_t>(reason), .opcode = proto::Opcode::Refused});
  [[maybe_unused]] const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace sspid
