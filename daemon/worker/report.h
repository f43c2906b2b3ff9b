// What a worker tells its administrators of itself: one JSON document, written piece by piece, so that a worker with a
// hundred thousand contexts needs no memory for it. docs/sspictl.md describes it. Nothing secret is in it: sessions
// have numbers there, not keys, and objects their ids without tags. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace sspid::worker {

struct Worker;

/// What the core does not know of its own process.
struct ProcessFacts {
  std::size_t connections = 0;
  std::uint64_t malformed_frames = 0;
  std::size_t waiting_calls = 0;  ///< that have a thread, or wait for one
  std::size_t most_waiting = 0;
  std::uint64_t denied_system_calls = 0;
};

/// Takes the next piece; false: nobody wants more.
using Sink = std::function<bool(std::string_view)>;

void write_report(const Worker& worker, const ProcessFacts& process, const Sink& sink);

}  // namespace sspid::worker
