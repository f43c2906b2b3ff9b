// A block that says to be SEC_CHANNEL_BINDINGS, in either form: what is taken from it lies inside, and the EX form that
// is made of the pieces has the same ones. The bytes lie in blocks of exactly their size.
#include <cstring>
#include <memory>

#include "client-lib/channel_bindings.h"
#include "proto/limits.h"
#include "sspi.h"

namespace {

using sspi::ChannelBindings;

void check(bool holds) {
  if (!holds) __builtin_trap();
}

void check_inside(std::span<const std::byte> block, std::span<const std::byte> piece) {
  check(piece.empty() || (piece.data() >= block.data() && piece.data() + piece.size() <= block.data() + block.size()));
}

bool same(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::make_unique<std::byte[]>(size);
  if (size != 0) std::memcpy(bytes.get(), data, size);
  const std::span<const std::byte> block(bytes.get(), size);
  const auto bindings = sspi::parse_channel_bindings(block);
  if (!bindings) return 0;
  for (const auto& piece : {bindings->initiator, bindings->acceptor, bindings->application}) check_inside(block, piece);
  check(bindings->initiator.size() + bindings->acceptor.size() + bindings->application.size() <=
        sspid::proto::kMaxBindings);

  const std::size_t length = sspi::ex_bindings_length(*bindings);
  const auto ex = std::make_unique<std::byte[]>(length);
  sspi::write_ex_bindings(*bindings, SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS, ex.get());
  const auto again = sspi::parse_channel_bindings({ex.get(), length});
  check(again && again->flags == SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS);
  check(again->initiator_type == bindings->initiator_type && again->acceptor_type == bindings->acceptor_type);
  check(same(again->initiator, bindings->initiator) && same(again->acceptor, bindings->acceptor) &&
        same(again->application, bindings->application));
  return 0;
}
