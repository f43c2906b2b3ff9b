// Landlock: the files that a process may open, whatever its user may. Debian 12's kernel has version 2 of it; what
// later ones add (truncation, TCP ports, signals, abstract sockets) is used where it is there.
#pragma once

#include <cstdint>
#include <string>

#include "proto/descriptor.h"

namespace sspid::worker::sandbox {

/// Rules are gathered, then enforced. Without Landlock in the kernel it does nothing but warn. Not thread-safe.
class Landlock {
 public:
  /// Throws std::system_error.
  Landlock();

  /// The file, or the directory with all it holds, now and later. A place that does not exist, or that this process
  /// cannot reach, is passed over: it could not be opened anyway.
  void let_read(const std::string& place);
  /// The same for reading, writing, making and removing files. No directories, links, sockets or devices are made.
  void let_write(const std::string& place);

  /// From now on the calling thread, and those it starts, can open nothing else, execute nothing, and listen on no TCP
  /// port; they can send signals and connect to abstract sockets only among themselves. Needs no_new_privs.
  void enforce();

 private:
  void add(const std::string& place, std::uint64_t access);

  int version_ = 0;
  proto::Descriptor ruleset_;
};

}  // namespace sspid::worker::sandbox
