#include "gss_sample.h"

#include <stdexcept>

namespace sspid::test::gss_sample {

void send(TcpStream& stream, unsigned flags, const Bytes& bytes) {
  stream.send(ByteBuilder()
                  .be(static_cast<std::uint8_t>(flags))
                  .be(static_cast<std::uint32_t>(bytes.size()))
                  .add(bytes)
                  .take());
}

Frame receive(TcpStream& stream) {
  Frame frame;
  frame.flags = stream.receive_be<std::uint8_t>();
  const auto length = stream.receive_be<std::uint32_t>();
  if (length > std::uint32_t{1} << 20) throw std::runtime_error("this is no frame of the GSS examples");
  frame.bytes = stream.receive(length);
  return frame;
}

// Through env: ignored signals stay ignored, and a client that hangs up must not end the server.
GssServer::GssServer(const Realm& realm)
    : process_({.command = {"env", "--ignore-signal=PIPE", find_program("gss-server"), "-port", port_.text(),
                            "-verbose", "host@localhost"},
                .environment = realm.environment(),
                .output = directory_.file("log")}) {
  await(
      "gss-server", [this] { return port_.open(); }, &process_);
}

}  // namespace sspid::test::gss_sample
