// The administrator's side of the protocol: one connection, one call after another, each bounded by the same deadline.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <flatbuffers/flatbuffers.h>

#include "output.h"
#include "proto/descriptor.h"
#include "proto/frame.h"

namespace sspictl {

using Deadline = std::chrono::steady_clock::time_point;

class Connection {
 public:
  /// Connects and says Hello; waits until `deadline` for a daemon to be there. Throws Failure.
  Connection(const std::string& path, Deadline deadline);

  /// Sends the finished table and gives the answer's, verified as `Reply`. Valid until the next call. Throws Failure.
  template <class Reply>
  const Reply& call(sspid::proto::Opcode opcode, const flatbuffers::FlatBufferBuilder& request) {
    exchange(opcode, request);
    flatbuffers::Verifier verifier{answer_.data(), answer_.size()};
    if (!verifier.VerifyBuffer<Reply>()) throw Failure{"the daemon's answer cannot be understood"};
    return *flatbuffers::GetRoot<Reply>(answer_.data());
  }

 private:
  /// The daemon went away before Hello was answered: nothing was executed, it may be tried again (E-189).
  struct Gone : Failure {
    using Failure::Failure;
  };

  void connect(const std::string& path);
  void hello();
  void exchange(sspid::proto::Opcode opcode, const flatbuffers::FlatBufferBuilder& request);
  void send(const void* bytes, std::size_t size);
  void receive(void* bytes, std::size_t size);
  void await(short events) const;

  sspid::proto::Descriptor socket_;
  Deadline deadline_;
  std::uint32_t requests_ = 0;
  std::vector<std::uint8_t> answer_;
};

}  // namespace sspictl
