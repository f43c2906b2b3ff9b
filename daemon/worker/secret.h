// Bytes that are wiped when they are given back: passwords and keys. Kept out of swap where the memory-lock limit
// allows.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include <openssl/crypto.h>
#include <sys/mman.h>

namespace sspid::worker {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::span<const std::byte> bytes)
      : bytes_(std::make_unique<char[]>(bytes.size() + 1)), size_(bytes.size()) {
    if (!bytes.empty()) std::memcpy(bytes_.get(), bytes.data(), bytes.size());
    bytes_[size_] = '\0';
    (void)::mlock(bytes_.get(), size_ + 1);  // best effort: the limit is the administrator's
  }
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}
  Secret& operator=(Secret&& other) noexcept {
    wipe();
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(); }

  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// NUL-terminated; libkrb5 takes passwords that way. Never null.
  [[nodiscard]] const char* c_str() const { return bytes_ ? bytes_.get() : ""; }
  [[nodiscard]] std::string_view view() const { return {c_str(), size_}; }

 private:
  void wipe() {
    if (!bytes_) return;
    OPENSSL_cleanse(bytes_.get(), size_);
    (void)::munlock(bytes_.get(), size_ + 1);
    bytes_.reset();
    size_ = 0;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace sspid::worker
