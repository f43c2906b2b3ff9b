// How libkrb5 displays principals, as far as both sides of the socket read it.
#pragma once

namespace sspid::proto {

/// What a character after a backslash means: three control characters and NUL are written as letters, all else stands
/// for itself.
constexpr char meant_by(char escape) {
  switch (escape) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case '0':
      return '\0';
    default:
      return escape;
  }
}

}  // namespace sspid::proto
