#include "commands.h"

namespace sspictl {

namespace proto = sspid::proto;

Result ping(const Options& options) {
  Connection connection{options.place(), options.deadline()};
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(proto::CreatePingRequest(builder));
  const auto& reply = connection.call<proto::PingReply>(proto::Opcode::Ping, builder);
  if (reply.status() != 0) throw Failure{reply.detail() ? reply.detail()->str() : "the daemon does not answer Ping"};
  const std::string version = reply.version() ? reply.version()->str() : "";
  if (options.format == Format::json)
    return {to_line({{"version", version},
                     {"sessions", reply.sessions()},
                     {"credentials", reply.credentials()},
                     {"contexts", reply.contexts()}})};
  return {printable("sspid " + version + ": sessions " + std::to_string(reply.sessions()) + ", credentials " +
                    std::to_string(reply.credentials()) + ", contexts " + std::to_string(reply.contexts()))};
}

}  // namespace sspictl
