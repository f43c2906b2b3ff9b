#include "daemon/worker/seal/cts.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "daemon/worker/seal/pieces.h"

namespace sspid::worker::seal {

namespace {

using Block = std::array<std::byte, kBlock>;

/// EVP lengths are ints; a whole number of blocks.
constexpr std::size_t kMaxRun = std::size_t{1} << 30;

std::size_t whole(std::size_t length) { return length / kBlock * kBlock; }

void exclusive_or(std::span<std::byte> target, std::span<const std::byte> other) {
  for (std::size_t i = 0; i < target.size(); ++i) target[i] ^= other[i];
}

}  // namespace

Cts::Cts(const Profile& profile, const Key& key, Way way) : way_(way) {
  const Algorithms& all = algorithms();
  const EVP_CIPHER* cipher = profile.key_length == 16 ? all.aes_128_cbc.get() : all.aes_256_cbc.get();
  if (!cipher) return;
  context_.reset(EVP_CIPHER_CTX_new());
  if (!context_) return;
  if (EVP_CipherInit_ex2(context_.get(), cipher, reinterpret_cast<const unsigned char*>(key.bytes().data()), nullptr,
                         way == Way::encrypt, nullptr) != 1 ||
      EVP_CIPHER_CTX_set_padding(context_.get(), 0) != 1)
    context_.reset();
}

bool Cts::apply(std::span<const gss::Part> parts) {
  static constexpr unsigned char kZeroVector[kBlock] = {};
  const std::size_t length = encrypted_length(parts);
  if (!context_ || length <= kBlock) return false;
  if (EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, kZeroVector, -1, nullptr) != 1) return false;

  // All but the last two blocks, of which the last may be short but not empty.
  const std::size_t plain = whole(length - 1) - kBlock;
  const std::size_t last = length - plain - kBlock;
  PieceCursor cursor(parts);
  Block previous{};
  if (way_ == Way::decrypt && plain > 0) {
    PieceCursor ahead = cursor;
    ahead.skip(plain - kBlock);
    ahead.read(previous);
  }
  if (!whole_blocks(cursor, plain)) return false;
  return way_ == Way::encrypt ? encrypt_last_two(cursor, last) : decrypt_last_two(cursor, last, previous);
}

bool Cts::update(std::span<std::byte> blocks) {
  auto* bytes = reinterpret_cast<unsigned char*>(blocks.data());
  int written = 0;
  return EVP_CipherUpdate(context_.get(), bytes, &written, bytes, static_cast<int>(blocks.size())) == 1 &&
         static_cast<std::size_t>(written) == blocks.size();
}

bool Cts::whole_blocks(PieceCursor& cursor, std::size_t length) {
  while (length > 0) {
    const std::size_t run = whole(std::min({cursor.contiguous(), length, kMaxRun}));
    if (run > 0) {
      if (!update(cursor.take(run))) return false;
      length -= run;
      continue;
    }
    Block block;
    PieceCursor back = cursor;
    cursor.read(block);
    if (!update(block)) return false;
    back.write(block);
    length -= kBlock;
  }
  return true;
}

// With P' the last block padded by zeros: C = E(previous ^ P), C' = E(C ^ P'); sent are C' and as much of C as P had.
bool Cts::encrypt_last_two(PieceCursor& cursor, std::size_t last) {
  std::array<std::byte, 2 * kBlock> both{};
  PieceCursor back = cursor;
  cursor.read(std::span(both).first(kBlock + last));
  if (!update(both)) return false;
  std::swap_ranges(both.begin(), both.begin() + kBlock, both.begin() + kBlock);
  back.write(std::span(both).first(kBlock + last));
  return true;
}

// D(C') ^ C is P' padded by zeros, so its end tells the end of C that was not sent. The cipher itself adds the block
// that it took for the one before; that one is taken out again and the right one put in.
bool Cts::decrypt_last_two(PieceCursor& cursor, std::size_t last, std::span<const std::byte, kBlock> previous) {
  std::array<std::byte, 2 * kBlock> both{};
  PieceCursor back = cursor;
  cursor.read(std::span(both).first(kBlock + last));
  const std::span<std::byte> first = std::span(both).first(kBlock);
  const std::span<std::byte> second = std::span(both).last(kBlock);

  Block sent;
  std::copy(first.begin(), first.end(), sent.begin());
  if (!update(first)) return false;
  exclusive_or(first, previous);  // D(C')
  std::copy(first.begin() + static_cast<std::ptrdiff_t>(last), first.end(),
            second.begin() + static_cast<std::ptrdiff_t>(last));
  exclusive_or(first, second);  // P'
  if (!update(second)) return false;
  exclusive_or(second, sent);
  exclusive_or(second, previous);  // P

  std::swap_ranges(first.begin(), first.end(), second.begin());
  back.write(std::span(both).first(kBlock + last));
  return true;
}

}  // namespace sspid::worker::seal
