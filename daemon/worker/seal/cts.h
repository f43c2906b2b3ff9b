// AES in CBC mode with ciphertext stealing as RFC 3962 5 wants it (CS3: the last two blocks always change places), from
// a zero vector, over a message that lies in several pieces and is changed where it lies.
//
// OpenSSL's own CTS takes a message in one piece only; so whole blocks go through its CBC and the last two are stolen
// by hand. A block that spans pieces is gathered, changed and put back.
//
// One thread at a time; OpenSSL's copy of the key is wiped with the object.
#pragma once

#include <span>

#include "daemon/worker/gss/message.h"
#include "daemon/worker/seal/evp.h"
#include "daemon/worker/seal/key.h"
#include "daemon/worker/seal/profile.h"

namespace sspid::worker::seal {

enum class Way { encrypt, decrypt };

class Cts {
 public:
  Cts(const Profile& profile, const Key& key, Way way);

  [[nodiscard]] bool usable() const { return context_ != nullptr; }

  /// Parts that are only signed are passed over. False where OpenSSL fails, the message is then spoilt; and for no more
  /// than one block, from which nothing can be stolen (RFC 4121 messages have confounder and header).
  [[nodiscard]] bool apply(std::span<const gss::Part> parts);

 private:
  bool update(std::span<std::byte> blocks);
  bool whole_blocks(class PieceCursor& cursor, std::size_t length);
  bool encrypt_last_two(class PieceCursor& cursor, std::size_t last);
  bool decrypt_last_two(class PieceCursor& cursor, std::size_t last, std::span<const std::byte, kBlock> previous);

  EvpCipherContext context_;
  Way way_;
};

}  // namespace sspid::worker::seal
