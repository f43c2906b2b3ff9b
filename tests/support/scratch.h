// Room for one test: a fresh directory and a port that nobody else takes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "proto/descriptor.h"

namespace sspid::test {

/// A new directory below the temporary directory, which other users may enter; removed with all it holds when this
/// goes.
class Directory {
 public:
  Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// A free TCP port of 127.0.0.1, kept by a socket that is bound but does not listen: a server with SO_REUSEADDR or
/// SO_REUSEPORT (all have one of them) can listen there, nobody is given the port by chance, and connections are
/// refused as long as no server runs.
class Port {
 public:
  Port();
  [[nodiscard]] std::uint16_t number() const { return number_; }
  [[nodiscard]] std::string text() const { return std::to_string(number_); }
  /// Whether a server accepts connections.
  [[nodiscard]] bool open() const;

 private:
  proto::Descriptor socket_;
  std::uint16_t number_ = 0;
};

}  // namespace sspid::test
