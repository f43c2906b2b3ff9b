// A file of secrets that a worker uses: the keytab that the identity accepts with, the users that NTLM verifies
// against. Only the supervisor opens it; a worker gets a sealed copy in memory, so it needs no right to the file and
// can change nothing. The bytes go from file to copy inside the kernel, except those of a keytab that is cut down to
// some principals. One thread, the event loop's.
#pragma once

#include <cstddef>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "proto/descriptor.h"

namespace sspid::supervisor {

/// The file that KRB5_KTNAME names, or the system's where it names none (nullptr). Nothing for keytabs that are no
/// file: those go by name.
[[nodiscard]] std::optional<std::string> keytab_path(const char* krb5_ktname);

/// Text in memory that whoever gets the descriptor can read and nobody can change. None where there is no memory.
[[nodiscard]] proto::Descriptor sealed_copy(std::string_view text);

class PassedFile {
 public:
  /// `what` it is, for the log: "keytab". The file need not exist, now or ever.
  PassedFile(std::string what, std::string path);
  /// A keytab of which only the entries of these principals are copied (all where none is named).
  PassedFile(std::string what, std::string path, std::vector<std::string> principals);

  [[nodiscard]] const std::string& what() const { return what_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  /// A sealed copy of the file as it is now; none when it is not there, or cannot be used (the log says why).
  [[nodiscard]] proto::Descriptor copy();

  /// Principals of a keytab that copy() left out.
  [[nodiscard]] const std::vector<std::string>& withheld() const { return withheld_; }

  /// Whether the file came, went, or is not the one that copy() saw last. Costs one stat.
  [[nodiscard]] bool changed() const;

  /// Readable when something happened in the file's directory; -1 where that cannot be watched. Stays this object's.
  [[nodiscard]] int watch() const { return watch_.get(); }

  /// Forgets what happened up to now; whether any of it was about this file.
  [[nodiscard]] bool drain_watch();

 private:
  /// Tells one content from the next. All zero: no file.
  struct Fingerprint {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    timespec modified{};
    timespec status_changed{};
    bool operator==(const Fingerprint& other) const;
  };
  [[nodiscard]] Fingerprint now() const;
  [[nodiscard]] proto::Descriptor copy_of(int file, std::size_t size);
  [[nodiscard]] bool copy_cut(int file, std::size_t size, int memory);

  std::string what_;
  std::string path_;
  std::string name_;  ///< last part of the path
  std::vector<std::string> principals_;
  std::vector<std::string> withheld_;
  proto::Descriptor watch_;
  Fingerprint seen_;
};

}  // namespace sspid::supervisor
