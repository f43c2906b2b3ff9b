#include "ping.h"

#include <nlohmann/json.hpp>

namespace sspictl {

namespace proto = sspid::proto;

std::string ping(Connection& connection, Format format) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(proto::CreatePingRequest(builder));
  const auto& reply = connection.call<proto::PingReply>(proto::Opcode::Ping, builder);
  if (reply.status() != 0) throw Failure{reply.detail() ? reply.detail()->str() : "the daemon does not answer Ping"};
  const std::string version = reply.version() ? reply.version()->str() : "";
  if (format == Format::json)
    return nlohmann::ordered_json{{"version", version},
                                  {"sessions", reply.sessions()},
                                  {"credentials", reply.credentials()},
                                  {"contexts", reply.contexts()}}
        .dump();
  return "sspid " + version + ": sessions " + std::to_string(reply.sessions()) + ", credentials " +
         std::to_string(reply.credentials()) + ", contexts " + std::to_string(reply.contexts());
}

}  // namespace sspictl
