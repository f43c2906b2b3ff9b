#include "forged.h"

#include <stdexcept>

#include <krb5/krb5.h>

#include "daemon/worker/seal/lucid.h"
#include "support/bytes.h"

namespace sspid::test {

namespace {

krb5_keyblock keyblock(const gss_krb5_lucid_key_t& key) {
  krb5_keyblock block{};
  block.enctype = static_cast<krb5_enctype>(key.type);
  block.length = key.length;
  block.contents = static_cast<krb5_octet*>(key.data);
  return block;
}

krb5_data view(Bytes& bytes) {
  krb5_data data{};
  data.length = static_cast<unsigned>(bytes.size());
  data.data = reinterpret_cast<char*>(bytes.data());
  return data;
}

void must(krb5_error_code code) {
  if (code) throw std::runtime_error("libkrb5 refuses: " + std::to_string(code));
}

/// As RFC 4121 2 numbers them, for what this context receives.
krb5_keyusage sealing_usage(bool from_acceptor) { return from_acceptor ? 22 : 24; }

Bytes header(std::uint8_t flags, std::uint16_t extra_count, std::uint64_t sequence) {
  return ByteBuilder()
      .be(std::uint16_t{0x0504})
      .be(flags)
      .be(std::uint8_t{0xFF})
      .be(extra_count)
      .be(std::uint16_t{0})
      .be(sequence)
      .take();
}

Bytes encrypted(const krb5_keyblock& key, krb5_keyusage usage, Bytes plain) {
  std::size_t length = 0;
  must(krb5_c_encrypt_length(nullptr, key.enctype, plain.size(), &length));
  Bytes cipher(length);
  krb5_data in = view(plain);
  krb5_enc_data out{};
  out.ciphertext = view(cipher);
  must(krb5_c_encrypt(nullptr, &key, usage, nullptr, &in, &out));
  return cipher;
}

Bytes checksum(const krb5_keyblock& key, krb5_keyusage usage, Bytes plain) {
  krb5_data in = view(plain);
  krb5_checksum sum{};
  must(krb5_c_make_checksum(nullptr, 0, &key, usage, &in, &sum));
  Bytes result(sum.contents, sum.contents + sum.length);
  krb5_free_checksum_contents(nullptr, &sum);
  return result;
}

}  // namespace

Message forge(gss_ctx_id_t receiver, const Octets& plaintext, const Forgery& forgery) {
  const worker::seal::Lucid lucid = worker::seal::look_into(receiver);
  if (!lucid) throw std::runtime_error("no lucid context");
  const bool from_acceptor = lucid->initiate != 0;
  const bool sealed = forgery.protection == Protection::sealed;
  const krb5_keyblock key =
      keyblock(forgery.with_acceptor_subkey ? lucid->cfx_kd.acceptor_subkey : lucid->cfx_kd.ctx_key);
  const auto flags = static_cast<std::uint8_t>((from_acceptor ? 1 : 0) | (sealed ? 2 : 0) |
                                               (forgery.with_acceptor_subkey ? 4 : 0) | forgery.more_flags);
  const std::uint64_t sequence = lucid->recv_seq + forgery.skip;
  const auto* at = reinterpret_cast<const std::uint8_t*>(plaintext.data());
  const Bytes plain(at, at + plaintext.size());

  Bytes token;
  if (sealed) {
    const Bytes copy = header(flags, forgery.tell_filler_in_copy ? forgery.filler : std::uint16_t{0}, sequence);
    token = joined({header(flags, forgery.filler, sequence),
                    encrypted(key, sealing_usage(from_acceptor), joined({plain, Bytes(forgery.filler, 'x'), copy}))});
  } else {
    const Bytes sum = checksum(key, sealing_usage(from_acceptor), joined({plain, header(flags, 0, sequence)}));
    token = joined({header(flags, static_cast<std::uint16_t>(sum.size()), sequence), plain, sum});
  }
  const auto* bytes = reinterpret_cast<const std::byte*>(token.data());
  return {Layout::stream, {bytes, bytes + token.size()}, {}};
}

}  // namespace sspid::test
