// Whether something secret is left in a process's memory. Only root may look into other processes.
#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

#include "bytes.h"

namespace sspid::test {

/// A text that is nowhere in memory as it reads: so looking for it does not find the looking.
class HiddenText {
 public:
  explicit HiddenText(std::string_view text);

  /// The text itself, for as long as somebody needs it. Wipe it afterwards.
  [[nodiscard]] std::string reveal() const;
  [[nodiscard]] std::size_t size() const { return masked_.size(); }
  /// How often it stands in these bytes.
  [[nodiscard]] int count_in(const std::uint8_t* memory, std::size_t size) const;

 private:
  [[nodiscard]] bool is_at(const std::uint8_t* memory) const;

  Bytes masked_;
};

/// How often the text lies in the process's writable memory, in UTF-8.
[[nodiscard]] int copies_in_memory(pid_t process, const HiddenText& text);

}  // namespace sspid::test
