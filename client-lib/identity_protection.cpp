#include "client-lib/identity_protection.h"

#include <array>
#include <cstring>

#include <string.h>

#include "client-lib/exchange.h"
#include "proto/limits.h"

namespace sspi {

namespace {

using Bytes = std::span<const std::byte>;

/// One way to encrypt: how callers name it, how the identity says it, what the daemon binds it to.
struct Way {
  ULONG option;
  ULONG flag;
  proto::Scope scope;
};

constexpr std::array<Way, 2> kWays{
    {{SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON, SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED, proto::Scope::Logon},
     {SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS, SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED,
      proto::Scope::Process}}};

const Way* way_of_option(ULONG option) {
  for (const Way& way : kWays)
    if (way.option == option) return &way;
  return nullptr;
}

const Way* way_of_flags(ULONG flags) {
  for (const Way& way : kWays)
    if ((flags & kEncryptedIdentity) == way.flag) return &way;
  return nullptr;
}

SECURITY_STATUS unknown_way(ULONG option) {
  if (option == SEC_WINNT_AUTH_IDENTITY_ENCRYPT_FOR_SYSTEM)
    return failed(SEC_E_UNSUPPORTED_FUNCTION, "this system has no authority that alone could decrypt an identity");
  return failed(SEC_E_INVALID_PARAMETER, "an identity is encrypted either for the same logon or for the same process");
}

/// What a credential belongs to: the user, a zero, the domain. Absent and empty differ.
WideText name_in(const IdentityContent& content) {
  WideText name;
  for (const auto* text : {&content.user, &content.domain}) {
    name += static_cast<SEC_WCHAR>(text->has_value() ? 1 : 0);
    if (*text) name += **text;
    name += SEC_WCHAR{0};
  }
  return name;
}

/// Whether the daemon seals a credential or opens it.
enum class Direction { seal, open };

/// A credential for the daemon to seal or to open: the question, and what is made of its answer.
class Question {
 public:
  /// The content outlives this.
  Question(const IdentityContent& content, proto::Scope scope, Direction direction)
      : scope_(scope), direction_(direction), name_(name_in(content)), secret_(content.packed.bytes()) {}

  [[nodiscard]] SECURITY_STATUS ask(Request& request) {
    const auto associated = std::as_bytes(std::span(name_));
    if (associated.size() + secret_.size() > proto::kMaxProtected)
      return failed(SEC_E_INVALID_PARAMETER, "the identity is too long to be encrypted");
    payload_ = {{{const_cast<std::byte*>(associated.data()), associated.size()},
                 {const_cast<std::byte*>(secret_.data()), secret_.size()}}};
    builder_.Clear();
    const auto table = builder_.finish(proto::CreateProtectForLogonRequest(
        builder_, scope_, direction_ == Direction::open, static_cast<std::uint32_t>(associated.size())));
    request = {.opcode = proto::Opcode::ProtectForLogon, .table = table, .payload = payload_};
    return SEC_E_OK;
  }

  [[nodiscard]] SECURITY_STATUS read(Answer& answer, Secret& result) const {
    const auto* reply = answer.read<proto::ProtectForLogonReply>();
    if (reply == nullptr) return nonsense(answer);
    if (const SECURITY_STATUS refusal = status_of(*reply); refusal != SEC_E_OK) return refusal;
    const Bytes bytes = answer.reply.payload;
    const std::size_t expected =
        direction_ == Direction::open ? secret_.size() - proto::kSealOverhead : secret_.size() + proto::kSealOverhead;
    if (bytes.size() != expected) return nonsense(answer);
    result = Secret(bytes);
    // It lies in the connection's own buffer, which lives on.
    if (!bytes.empty()) explicit_bzero(const_cast<std::byte*>(bytes.data()), bytes.size());
    return SEC_E_OK;
  }

 private:
  const proto::Scope scope_;
  const Direction direction_;
  const WideText name_;
  const Bytes secret_;
  std::array<iovec, 2> payload_{};
  TableBuilder builder_;
};

/// For a thread that may block.
SECURITY_STATUS transact(const Request& request, Answer& answer) {
  return Session::on_current(
      [&](const std::shared_ptr<Session>& session) { return session->transact(request, {}, answer); });
}

SECURITY_STATUS not_ours() { return failed(SEC_E_DECRYPT_FAILURE, "the identity was not encrypted by this library"); }

/// By whom the credential was sealed; nothing where it cannot have been us.
const Way* way_of_sealed(const IdentityContent& content) {
  return content.packed.size() < proto::kSealOverhead ? nullptr : way_of_flags(content.flags);
}

SECURITY_STATUS carry_out(const IdentityContent& content, const Way& way, Direction direction, Secret& result) {
  Question question(content, way.scope, direction);
  Request request;
  if (const SECURITY_STATUS status = question.ask(request); status != SEC_E_OK) return status;
  Answer answer;
  if (const SECURITY_STATUS status = transact(request, answer); status != SEC_E_OK) return status;
  return question.read(answer, result);
}

SECURITY_STATUS open_sealed(const IdentityContent& content, Secret& packed) {
  const Way* way = way_of_sealed(content);
  return way == nullptr ? not_ours() : carry_out(content, *way, Direction::open, packed);
}

/// The block in place: its header, and where its credential lies.
struct Target {
  std::byte* memory;
  SEC_WINNT_AUTH_IDENTITY_EX2 header{};

  explicit Target(void* identity) : memory(static_cast<std::byte*>(identity)) {
    std::memcpy(&header, memory, sizeof header);
  }

  [[nodiscard]] bool has_room(std::size_t more) const {
    const std::size_t end = std::size_t{header.PackedCredentialsOffset} + header.PackedCredentialsLength;
    return end == header.cbStructureLength && context_buffer_size(memory) >= end + more;
  }

  /// The credential becomes `packed`; what is left of the old one is wiped.
  void replace(Bytes packed, ULONG flags) {
    const std::size_t offset = header.PackedCredentialsOffset, old = header.PackedCredentialsLength;
    if (offset + old == header.cbStructureLength) header.cbStructureLength = static_cast<ULONG>(offset + packed.size());
    header.PackedCredentialsLength = static_cast<USHORT>(packed.size());
    header.Flags = flags;
    std::memcpy(memory, &header, sizeof header);
    if (!packed.empty()) std::memcpy(memory + offset, packed.data(), packed.size());
    if (old > packed.size()) explicit_bzero(memory + offset + packed.size(), old - packed.size());
  }
};

SECURITY_STATUS read_opaque(const void* identity, IdentityContent& content) {
  if (identity == nullptr) return failed(SEC_E_INVALID_PARAMETER, "the identity is NULL");
  if (opaque_block(identity).empty()) return failed(SEC_E_INVALID_PARAMETER, "the identity is no opaque one");
  return read_content(identity, content);
}

}  // namespace

SECURITY_STATUS encrypt_identity(ULONG options, void* identity) {
  const Way* way = way_of_option(options);
  if (way == nullptr) return unknown_way(options);
  IdentityContent content;
  if (const SECURITY_STATUS status = read_opaque(identity, content); status != SEC_E_OK) return status;
  if (way_of_flags(content.flags) == way) return SEC_E_OK;
  if (content.is_encrypted()) return failed(SEC_E_INVALID_PARAMETER, "the identity is encrypted in another way");
  Target target(identity);
  if (!target.has_room(proto::kSealOverhead))
    return failed(SEC_E_INVALID_PARAMETER, "only what the library allocated has room to be encrypted: copy it first");
  Secret sealed;
  if (const SECURITY_STATUS status = carry_out(content, *way, Direction::seal, sealed); status != SEC_E_OK)
    return status;
  target.replace(sealed.bytes(), target.header.Flags | way->flag);
  return SEC_E_OK;
}

SECURITY_STATUS decrypt_identity(ULONG options, void* identity) {
  const Way* way = way_of_option(options);
  if (way == nullptr) return unknown_way(options);
  IdentityContent content;
  if (const SECURITY_STATUS status = read_opaque(identity, content); status != SEC_E_OK) return status;
  if (!content.is_encrypted()) return SEC_E_OK;
  if (way_of_flags(content.flags) != way)
    return failed(SEC_E_INVALID_PARAMETER, "the identity is encrypted in another way");
  Secret packed;
  if (const SECURITY_STATUS status = open_sealed(content, packed); status != SEC_E_OK) return status;
  Target target(identity);
  target.replace(packed.bytes(), target.header.Flags & ~kEncryptedIdentity);
  return SEC_E_OK;
}

class SealedIdentity::Sealing : public Question {
  using Question::Question;
};

SealedIdentity::SealedIdentity(IdentityContent content) : content_(std::move(content)) {}

SealedIdentity::~SealedIdentity() = default;

SECURITY_STATUS SealedIdentity::question(Request& request) {
  const Way* way = way_of_sealed(content_);
  if (way == nullptr) return not_ours();
  sealing_ = std::make_unique<Sealing>(content_, way->scope, Direction::open);
  return sealing_->ask(request);
}

SECURITY_STATUS SealedIdentity::open(Answer& answer, Identity& identity) {
  Secret packed;
  if (const SECURITY_STATUS status = sealing_->read(answer, packed); status != SEC_E_OK) return status;
  sealing_.reset();
  content_.packed = std::move(packed);
  content_.flags &= ~kEncryptedIdentity;
  const auto opened = make_block(content_, Room::exact);
  if (!opened) return failed(SEC_E_INVALID_PARAMETER, "the identity is too long for its structure");
  return parse_identity(opened->get(), identity);
}

SECURITY_STATUS parse_or_seal(const void* auth_data, Identity& identity, std::unique_ptr<SealedIdentity>& sealed) {
  const auto block = opaque_block(auth_data);
  const auto pieces = block.empty() ? std::nullopt : ex2_pieces(block);
  if (!pieces || !pieces->is_encrypted()) return parse_identity(auth_data, identity);
  IdentityContent content;
  if (const SECURITY_STATUS status = read_content(auth_data, content); status != SEC_E_OK) return status;
  sealed = std::make_unique<SealedIdentity>(std::move(content));
  return SEC_E_OK;
}

SECURITY_STATUS parse_protected_identity(const void* auth_data, Identity& identity) {
  std::unique_ptr<SealedIdentity> sealed;
  if (const SECURITY_STATUS status = parse_or_seal(auth_data, identity, sealed); status != SEC_E_OK) return status;
  if (!sealed) return SEC_E_OK;
  Request request;
  if (const SECURITY_STATUS status = sealed->question(request); status != SEC_E_OK) return status;
  Answer answer;
  if (const SECURITY_STATUS status = transact(request, answer); status != SEC_E_OK) return status;
  return sealed->open(answer, identity);
}

}  // namespace sspi
