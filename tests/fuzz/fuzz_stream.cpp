// What a client writes into its socket, in pieces as they come: the reader finds frames within the limits, each of them
// in the bytes that were sent, and no more of them than there were bytes for.
#include <algorithm>
#include <cstdlib>

#include <fuzzer/FuzzedDataProvider.h>
#include <sys/socket.h>

#include "daemon/worker/frame_reader.h"
#include "proto/descriptor.h"
#include "proto/frame.h"

using namespace sspid;

namespace {

void check(bool holds) {
  if (!holds) __builtin_trap();
}

/// Whether the reader wants more. Counts the bytes of the frames that it found.
bool read_all(worker::FrameReader& reader, std::size_t& found) {
  using Outcome = worker::FrameReader::Outcome;
  while (true) {
    const Outcome outcome = reader.advance();
    if (outcome != Outcome::frame) return outcome == Outcome::wait;
    const worker::Frame& frame = reader.frame();
    check(proto::within_limits(frame.header));
    check(frame.table.size() == frame.header.table && frame.payload.size() == frame.header.payload);
    // All of it is there to be read.
    std::uint64_t sum = 0;
    for (const std::byte byte : frame.table) sum += std::to_integer<unsigned>(byte);
    for (const std::byte byte : frame.payload) sum += std::to_integer<unsigned>(byte);
    check(sum <= 255 * frame.header.body());
    found += proto::kHeaderSize + frame.header.body();
    reader.release();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider provider(data, size);
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
  const proto::Descriptor client(ends[0]), ours(ends[1]);
  worker::FrameReader reader(ours.get());
  std::size_t sent = 0, found = 0;
  while (provider.remaining_bytes() > 0) {
    const auto piece = provider.ConsumeBytes<std::byte>(provider.ConsumeIntegralInRange<std::size_t>(1, 4096));
    if (::send(client.get(), piece.data(), piece.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) break;
    sent += piece.size();
    if (!read_all(reader, found)) break;
    check(found <= sent);
  }
  return 0;
}
