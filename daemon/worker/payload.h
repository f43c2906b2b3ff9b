// The bytes behind a reply's table, as pieces to gather. Most lie in the request's own payload, changed in place; what
// a call makes anew (a token, a key) is owned here and wiped afterwards.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include <openssl/crypto.h>

#include "daemon/worker/gss/handle.h"
#include "daemon/worker/gss/message.h"
#include "daemon/worker/secret.h"

namespace sspid::worker {

/// Reused from call to call by one connection; one thread at a time.
class Payload {
 public:
  void clear() {
    pieces_.clear();
    size_ = 0;
    token.reset();
    key = {};
    sids.clear();
  }

  void add(std::span<const std::byte> piece) {
    if (piece.empty()) return;
    pieces_.push_back(piece);
    size_ += piece.size();
  }

  [[nodiscard]] const std::vector<std::span<const std::byte>>& pieces() const { return pieces_; }
  [[nodiscard]] std::size_t size() const { return size_; }

  // Owned memory that pieces may point into.
  gss::Buffer token;
  gss::Sealed sealed;
  Secret key;
  std::vector<std::byte> sids;

 private:
  std::vector<std::span<const std::byte>> pieces_;
  std::size_t size_ = 0;
};

}  // namespace sspid::worker
