// A request on its way to the daemon.
#pragma once

#include <cstddef>
#include <span>

#include <sys/uio.h>

#include "proto/frame.h"

namespace sspi {

namespace proto = sspid::proto;

/// Everything a frame is made of, still in the caller's memory: nothing is copied until the kernel takes it.
struct Request {
  proto::Opcode opcode = proto::Opcode::None;
  std::span<const std::byte> table;
  std::span<const iovec> payload = {};
  int descriptor = -1;  ///< travels with the first byte; stays the caller's
};

/// Where a table is built: in here as long as it fits, so that the usual call allocates nothing.
class InlineMemory : public flatbuffers::Allocator {
 public:
  static constexpr std::size_t kSize = 512;

  std::uint8_t* allocate(std::size_t size) override {
    if (size > kSize || used_) return new std::uint8_t[size];
    used_ = true;
    return memory_;
  }
  void deallocate(std::uint8_t* memory, std::size_t) override {
    if (memory == memory_)
      used_ = false;
    else
      delete[] memory;
  }

 private:
  bool used_ = false;
  alignas(16) std::uint8_t memory_[kSize];
};

/// Builds a request's table on the stack; long names and bindings spill to the heap.
class TableBuilder : private InlineMemory, public flatbuffers::FlatBufferBuilder {
 public:
  TableBuilder() : flatbuffers::FlatBufferBuilder(kSize, this) {}

  /// The finished table; valid as long as the builder.
  template <class Table>
  [[nodiscard]] std::span<const std::byte> finish(flatbuffers::Offset<Table> root) {
    Finish(root);
    return std::as_bytes(std::span(GetBufferPointer(), GetSize()));
  }
};

}  // namespace sspi
