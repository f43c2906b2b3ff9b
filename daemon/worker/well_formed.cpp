#include "daemon/worker/well_formed.h"

#include <string_view>

#include "proto/limits.h"

namespace sspid::worker {

namespace {

using proto::kMaxName;

/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF; and no NUL, which C strings cannot hold.
bool is_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto at = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
    const unsigned char lead = at(i);
    const std::size_t length = lead < 0x80         ? 1
                               : (lead >> 5) == 6  ? 2
                               : (lead >> 4) == 14 ? 3
                               : (lead >> 3) == 30 ? 4
                                                   : 0;
    if (lead == 0 || length == 0 || i + length > text.size()) return false;
    char32_t code = length == 1 ? lead : lead & (0x7Fu >> length);
    for (std::size_t k = 1; k < length; ++k) {
      if ((at(i + k) & 0xC0) != 0x80) return false;
      code = (code << 6) | (at(i + k) & 0x3F);
    }
    constexpr char32_t smallest[] = {0, 1, 0x80, 0x800, 0x10000};
    if (code < smallest[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
    i += length;
  }
  return true;
}

bool is_name(const flatbuffers::String* text, std::size_t limit = kMaxName) {
  return !text || (text->size() <= limit && is_text({text->c_str(), text->size()}));
}

bool plain(const Frame& frame) { return frame.payload.empty() && !frame.descriptor; }

bool within(const proto::ChannelBindings* bindings) {
  if (!bindings) return true;
  const auto size = [](const flatbuffers::Vector<std::uint8_t>* part) { return part ? std::size_t{part->size()} : 0; };
  return size(bindings->initiator()) + size(bindings->acceptor()) + size(bindings->application()) <=
         proto::kMaxBindings;
}

bool is_text(std::span<const std::byte> bytes) {
  return is_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

bool is_password(std::span<const std::byte> bytes) { return bytes.size() <= proto::kMaxPassword && is_text(bytes); }

bool carries_token(const Frame& frame) { return frame.payload.size() <= proto::kMaxToken && !frame.descriptor; }

/// Names that are names, and the payload that the identity speaks of.
bool is_identity(const proto::Identity* identity, const Frame& frame) {
  if (!identity) return frame.payload.empty();
  if (!is_name(identity->user()) || !is_name(identity->domain()) || !is_name(identity->package_list())) return false;
  if (identity->has_password()) return !identity->has_keytab() && is_password(frame.payload);
  return frame.payload.size() <= (identity->has_keytab() ? proto::kMaxPackedKeytab : 0);
}

/// What AcquireCredentialsHandle and AddCredentials have in common.
template <class Request>
bool asks_for_credential(const Request& request, const Frame& frame) {
  if (!is_name(request.principal()) || !is_name(request.package()) || !is_identity(request.identity(), frame))
    return false;
  const proto::TicketCache* cache = request.cache();
  return cache ? is_name(cache->name()) : !frame.descriptor;
}

/// Adds the segments' lengths to `total`; false where there are too many, or of an unknown kind.
bool add_segments(const flatbuffers::Vector<const proto::Segment*>* segments, std::uint64_t& total) {
  if (!segments) return true;
  if (segments->size() > proto::kMaxSegments) return false;
  for (const proto::Segment* segment : *segments) {
    if (segment->kind() != proto::SegmentKind::Data && segment->kind() != proto::SegmentKind::SignOnly) return false;
    total += segment->length();
  }
  return true;
}

}  // namespace

bool well_formed(const proto::HelloRequest&, const Frame& frame) { return plain(frame); }
bool well_formed(const proto::PingRequest&, const Frame& frame) { return plain(frame); }
bool well_formed(const proto::EnumerateSecurityPackagesRequest&, const Frame& frame) { return plain(frame); }

bool well_formed(const proto::AcquireCredentialsHandleRequest& request, const Frame& frame) {
  return asks_for_credential(request, frame) && !(request.cache() && request.impersonating());
}

bool well_formed(const proto::AddCredentialsRequest& request, const Frame& frame) {
  return asks_for_credential(request, frame);
}

bool well_formed(const proto::SetCredentialsAttributesRequest& request, const Frame& frame) {
  return plain(frame) && (!request.kdc_proxy() || is_name(request.kdc_proxy()->server()));
}

bool well_formed(const proto::AcquireCredentialsForUserRequest& request, const Frame& frame) {
  return is_name(request.package()) && is_name(request.user()) && is_name(request.service_principal()) && plain(frame);
}

bool well_formed(const proto::FreeCredentialsHandleRequest&, const Frame& frame) { return plain(frame); }
bool well_formed(const proto::QueryCredentialsAttributesRequest&, const Frame& frame) { return plain(frame); }

bool well_formed(const proto::ChangeAccountPasswordRequest& request, const Frame& frame) {
  if (!is_name(request.package()) || !is_name(request.domain()) || !is_name(request.account())) return false;
  const std::size_t old_length = request.old_length();
  if (old_length > frame.payload.size() || (old_length != 0 && !request.has_old())) return false;
  if (!is_password(frame.payload.first(old_length)) || !is_password(frame.payload.subspan(old_length))) return false;
  const proto::TicketCache* cache = request.cache();
  return cache ? is_name(cache->name()) : !frame.descriptor;
}

bool well_formed(const proto::ProtectForLogonRequest& request, const Frame& frame) {
  return (request.scope() == proto::Scope::Logon || request.scope() == proto::Scope::Process) &&
         frame.payload.size() <= proto::kMaxProtected && request.associated() <= frame.payload.size() &&
         !frame.descriptor;
}

bool well_formed(const proto::TranslateNameRequest& request, const Frame& frame) {
  return is_name(request.name()) && plain(frame);
}

bool well_formed(const proto::InitializeSecurityContextRequest& request, const Frame& frame) {
  return is_name(request.target()) && within(request.bindings()) && carries_token(frame);
}

bool well_formed(const proto::AcceptSecurityContextRequest& request, const Frame& frame) {
  return within(request.bindings()) && carries_token(frame);
}

bool well_formed(const proto::DeleteSecurityContextRequest&, const Frame& frame) { return plain(frame); }
bool well_formed(const proto::QueryContextAttributesRequest&, const Frame& frame) { return plain(frame); }
bool well_formed(const proto::QueryContextIdentityRequest&, const Frame& frame) { return plain(frame); }

bool well_formed(const proto::ExportSecurityContextRequest&, const Frame& frame) { return plain(frame); }

bool well_formed(const proto::ImportSecurityContextRequest& request, const Frame& frame) {
  return is_name(request.package()) && frame.payload.size() <= proto::kPackedContext && !frame.descriptor;
}

bool well_formed(const proto::MakeSignatureRequest&, const Frame& frame) {
  return frame.payload.size() <= proto::kMaxMessage && !frame.descriptor;
}

bool well_formed(const proto::VerifySignatureRequest& request, const Frame& frame) {
  return request.token() <= proto::kMaxToken && request.token() <= frame.payload.size() && !frame.descriptor;
}

bool well_formed(const proto::EncryptMessageRequest& request, const Frame& frame) {
  std::uint64_t total = 0;
  return add_segments(request.segments(), total) && total == frame.payload.size() && total <= proto::kMaxMessage &&
         !frame.descriptor;
}

bool well_formed(const proto::DecryptMessageRequest& request, const Frame& frame) {
  if (frame.descriptor) return false;
  if (request.layout() == proto::Layout::Stream) return true;
  if (request.layout() != proto::Layout::Split) return false;
  std::uint64_t total = std::uint64_t{request.token()} + request.padding();
  return add_segments(request.segments(), total) && total == frame.payload.size();
}

}  // namespace sspid::worker
