// What a client may put into a frame: the table must be verified before anything of it is used, whatever the opcode.
// Only admit() runs here, nothing is carried out; the bytes lie in a block of exactly their size.
#include <cstring>
#include <memory>

#include "daemon/worker/dispatch.h"
#include "daemon/worker/keytab.h"
#include "daemon/worker/session.h"
#include "daemon/worker/ticket_cache.h"
#include "daemon/worker/worker.h"

using namespace sspid;

namespace {

/// A dispatcher that has said Hello.
struct Connection {
  worker::Worker worker{worker::Settings{}};
  worker::Dispatcher dispatcher{worker};

  Connection() {
    worker.replace_grant(Grant::everything());
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(proto::CreateHelloRequest(builder, proto::kMinVersion, proto::kMaxVersion));
    worker::Frame hello{{.table = builder.GetSize(), .opcode = proto::Opcode::Hello},
                        {reinterpret_cast<std::byte*>(builder.GetBufferPointer()), builder.GetSize()},
                        {},
                        {}};
    if (!dispatcher.admit(hello) || !dispatcher.answer(hello, worker::Where::event_loop)) __builtin_trap();
  }
};

}  // namespace

/// Input: opcode, two bytes of table length, table, payload.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Connection connection;
  if (size < 3) return 0;
  const std::size_t body = size - 3;
  const std::size_t table = std::min<std::size_t>(std::size_t{data[1]} | (std::size_t{data[2]} << 8), body);
  const auto bytes = std::make_unique<std::byte[]>(body);
  std::memcpy(bytes.get(), data + 3, body);
  worker::Frame frame{{.table = static_cast<std::uint32_t>(table),
                       .payload = static_cast<std::uint32_t>(body - table),
                       .opcode = static_cast<proto::Opcode>(data[0])},
                      {bytes.get(), table},
                      {bytes.get() + table, body - table},
                      {}};
  (void)connection.dispatcher.admit(frame);
  return 0;
}
