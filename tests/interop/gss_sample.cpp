#include "gss_sample.h"

#include <stdexcept>

#include "support/daemon.h"

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

SspiServer::SspiServer(const std::string& package, const Environment& environment)
    : process_({.command = {built_program("sspi-server"), "-1", "-p", package, "0"},
                .environment = environment,
                .output = directory_.file("log")}) {
  await(
      "sspi-server", [this] { return log().find('\n') != std::string::npos; }, &process_);
}

std::string SspiServer::port() const {
  const std::string announced = "listening on port ";
  const std::string text = log();
  return text.substr(announced.size(), text.find('\n') - announced.size());
}

}  // namespace sspid::test::gss_sample
