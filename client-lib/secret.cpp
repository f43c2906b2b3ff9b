#include "client-lib/secret.h"

#include <cstring>
#include <utility>

#include <string.h>

#include "proto/limits.h"

namespace sspi {

namespace {

using sspid::proto::kMaxPassword;

std::optional<Secret> checked(Secret secret) {
  if (secret.size() > kMaxPassword || std::memchr(secret.data(), 0, secret.size()) != nullptr) return std::nullopt;
  return secret;
}

}  // namespace

Secret::Secret(std::span<const std::byte> bytes) : Secret(bytes.size()) {
  if (!bytes.empty()) std::memcpy(memory_.get(), bytes.data(), bytes.size());
  size_ = bytes.size();
}

Secret& Secret::operator=(Secret&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(capacity_, other.capacity_);
  std::swap(size_, other.size_);
  return *this;
}

Secret::~Secret() {
  if (memory_) explicit_bzero(memory_.get(), capacity_);
}

std::optional<Secret> password_of(WideView text) {
  if (text.size() > kMaxPassword) return std::nullopt;
  Secret secret(most_utf8(text) + 1);
  const auto used = encode_utf8(text, secret.data());
  if (!used) return std::nullopt;
  secret.set_size(*used);
  return checked(std::move(secret));
}

std::optional<Secret> password_of(std::string_view text) {
  if (text.size() > kMaxPassword || !is_utf8(text)) return std::nullopt;
  Secret secret(text.size() + 1);
  if (!text.empty()) std::memcpy(secret.data(), text.data(), text.size());
  secret.set_size(text.size());
  return checked(std::move(secret));
}

}  // namespace sspi
