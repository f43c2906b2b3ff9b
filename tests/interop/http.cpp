#include "http.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "base64.h"

namespace sspid::test::http {

namespace {

std::string take_line(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  std::string line(text.substr(0, end));
  text.remove_prefix(end + 2);
  return line;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

}  // namespace

std::string Message::field(const std::string& name) const {
  const auto found = fields.find(name);
  return found == fields.end() ? "" : found->second;
}

std::optional<Bytes> Message::negotiate_token(const std::string& name) const {
  constexpr std::string_view kScheme = "Negotiate ";
  const auto [begin, end] = fields.equal_range(name);
  for (auto field = begin; field != end; ++field)
    if (field->second.starts_with(kScheme)) return from_base64(field->second.substr(kScheme.size()));
  return {};
}

Message receive(TcpStream& stream) {
  const std::string head = stream.receive_until("\r\n\r\n");
  std::string_view rest = head;
  Message message;
  message.first_line = take_line(rest);
  for (std::string line = take_line(rest); !line.empty(); line = take_line(rest)) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) throw std::runtime_error("this is no HTTP field: " + line);
    message.fields.emplace(lower(line.substr(0, colon)), line.substr(colon + 2));
  }
  if (const std::string length = message.field("content-length"); !length.empty())
    message.body = text_of(stream.receive(std::stoul(length)));
  return message;
}

std::string negotiate_field(std::string_view name, const Bytes& token) {
  return std::string(name) + ": Negotiate " + base64(token) + "\r\n";
}

void get(TcpStream& stream, std::string_view path, const Bytes& token) {
  std::string text = "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n";
  if (!token.empty()) text += negotiate_field("Authorization", token);
  stream.send(text + "\r\n");
}

void answer(TcpStream& stream, std::string_view status, std::string_view fields, std::string_view body) {
  stream.send("HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
              std::string(fields) + "\r\n" + std::string(body));
}

}  // namespace sspid::test::http
