// How a Cfx comes out of a GSS context, which until the end is only looked at.

#include "daemon/worker/seal/cfx.h"
#include "daemon/worker/seal/lucid.h"

namespace sspid::worker::seal {

namespace {

/// Lucid's name for RFC 4121; the other is RFC 1964.
constexpr OM_uint32 kProtocolCfx = 1;

const Profile* profile_of(const gss_krb5_lucid_key_t& key) {
  const Profile* profile = find_profile(static_cast<std::int32_t>(key.type));
  return profile && key.data && key.length == profile->key_length ? profile : nullptr;
}

std::span<const std::byte> bytes_of(const gss_krb5_lucid_key_t& key) {
  return {static_cast<const std::byte*>(key.data), key.length};
}

}  // namespace

/// What a context tells of itself, judged.
struct Cfx::Origin {
  const gss_krb5_lucid_context_v1_t& lucid;
  const Profile& context_profile;
  const Profile* subkey_profile;  ///< null: the acceptor asserted no subkey
  Detection detection;
};

Cfx::Cfx(const Origin& origin)
    : role_(origin.lucid.initiate ? Role::initiator : Role::acceptor),
      context_key_(origin.context_profile, bytes_of(origin.lucid.cfx_kd.ctx_key)),
      send_sequence_(origin.lucid.send_seq),
      window_(origin.lucid.recv_seq, 0, origin.detection) {
  if (origin.subkey_profile)
    acceptor_subkey_.emplace(*origin.subkey_profile, bytes_of(origin.lucid.cfx_kd.acceptor_subkey));
}

std::unique_ptr<Cfx> Cfx::take_over(gss::Context& context, OM_uint32 gss_flags) {
  if ((gss_flags & GSS_C_DCE_STYLE) != 0) return nullptr;
  const Lucid lucid = look_into(context.get());
  if (!lucid || lucid->protocol != kProtocolCfx) return nullptr;
  const bool has_subkey = lucid->cfx_kd.have_acceptor_subkey != 0;
  const Profile* context_profile = profile_of(lucid->cfx_kd.ctx_key);
  const Profile* subkey_profile = has_subkey ? profile_of(lucid->cfx_kd.acceptor_subkey) : nullptr;
  if (!context_profile || (has_subkey && !subkey_profile)) return nullptr;

  const Origin origin{
      *lucid,
      *context_profile,
      subkey_profile,
      {.replay = (gss_flags & GSS_C_REPLAY_FLAG) != 0, .sequence = (gss_flags & GSS_C_SEQUENCE_FLAG) != 0}};
  std::unique_ptr<Cfx> cfx(new Cfx(origin));
  if (!cfx->catch_up(context.get(), origin)) return nullptr;
  cfx->drop_objects();  // who knows whether the peer will ever sign
  context.reset();
  return cfx;
}

// libgssapi tells the peer's first sequence number but not how many were used since, and SPNEGO may have used one for
// its mechListMIC. So the context is asked: a MIC as the peer would make it is in order, or it is not. That also
// proves, before the context is given up, that both engines read each other's tokens.
bool Cfx::catch_up(gss_ctx_id_t context, const Origin& origin) {
  if (!origin.detection.replay && !origin.detection.sequence) return true;
  constexpr std::uint64_t kMostReceived = 1;
  for (std::uint64_t received = 0; received <= kMostReceived; ++received) {
    const OM_uint32 judgement = offer_peer_mic(context, origin.lucid.recv_seq + received);
    if (GSS_ERROR(judgement)) return false;
    if (judgement == GSS_S_COMPLETE) {
      window_ = SequenceWindow(origin.lucid.recv_seq, received, origin.detection);
      return true;
    }
  }
  return false;
}

OM_uint32 Cfx::offer_peer_mic(gss_ctx_id_t context, std::uint64_t number) {
  Header header = next_header(TokenId::mic);
  header.flags ^= Header::kSentByAcceptor;
  header.sequence = number;
  std::array<std::byte, gss::kTokenRoom> room{};
  const std::span<std::byte> token = std::span(room).first(signature_length());
  if (!make_mic(peer_sign(), header, {}, token)) return GSS_S_FAILURE;

  OM_uint32 minor = 0;
  gss_buffer_desc message{};
  gss_buffer_desc mic = gss::borrow(std::span<const std::byte>(token));
  return gss_verify_mic(&minor, context, &message, &mic, nullptr);
}

}  // namespace sspid::worker::seal
