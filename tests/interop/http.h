// As much of HTTP/1.1 as authentication needs: heads, and bodies with a Content-Length.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "support/bytes.h"
#include "tcp.h"

namespace sspid::test::http {

/// A request or an answer. Names of fields are in lower case.
struct Message {
  std::string first_line;
  std::multimap<std::string, std::string> fields;
  std::string body;

  [[nodiscard]] std::string field(const std::string& name) const;  ///< "" when there is none
  /// The token behind "Negotiate " in a field; nothing when the field does not offer one.
  [[nodiscard]] std::optional<Bytes> negotiate_token(const std::string& name) const;
};

[[nodiscard]] Message receive(TcpStream& stream);

/// GET, with a token unless it is empty.
void get(TcpStream& stream, std::string_view path, const Bytes& token = {});
/// `status` is "200 OK".
void answer(TcpStream& stream, std::string_view status, std::string_view fields, std::string_view body);
[[nodiscard]] std::string negotiate_field(std::string_view name, const Bytes& token);

}  // namespace sspid::test::http
