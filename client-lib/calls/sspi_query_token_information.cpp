#include <cstring>

#include "client-lib/c_boundary.h"
#include "client-lib/context_buffers.h"
#include "client-lib/token.h"
#include "sspi_ext.h"

namespace sspi {

namespace {

/// Texts and numbers behind a structure, in one block with it. Runs twice: the first time only counts.
class Tail {
 public:
  explicit Tail(std::size_t start, std::byte* block = nullptr) : block_(block), used_(start) {}

  [[nodiscard]] std::size_t size() const { return used_; }

  template <class T>
  T* array(std::size_t count) {
    used_ = (used_ + alignof(T) - 1) / alignof(T) * alignof(T);
    auto* const place = block_ == nullptr ? nullptr : reinterpret_cast<T*>(block_ + used_);
    used_ += count * sizeof(T);
    return place;
  }

  char* text(std::string_view text) {
    char* const place = array<char>(text.size() + 1);  // the block is zeroed
    if (place != nullptr && !text.empty()) std::memcpy(place, text.data(), text.size());
    return place;
  }

  /// NULL for no text.
  char* optional(std::string_view text) { return text.empty() ? nullptr : this->text(text); }

 private:
  std::byte* block_;
  std::size_t used_;
};

void fill_account(const LocalAccount& account, Tail& tail, SspiTokenInformation& out) {
  out.Flags |= SSPI_TOKEN_HAS_ACCOUNT;
  out.Account = tail.text(account.name);
  out.Uid = account.user;
  out.Gid = account.group;
  out.GroupCount = static_cast<ULONG>(account.groups.size());
  out.Groups = tail.array<uint32_t>(account.groups.size());
  for (std::size_t i = 0; out.Groups != nullptr && i < account.groups.size(); ++i) out.Groups[i] = account.groups[i];
}

void fill_sids(const std::vector<proto::Sid>& sids, Tail& tail, SspiTokenInformation& out) {
  if (sids.size() < 2) return;
  out.UserSid = tail.text(to_text(sids[0]));
  out.PrimaryGroupSid = tail.text(to_text(sids[1]));
  out.GroupSidCount = static_cast<ULONG>(sids.size() - 2);
  out.GroupSids = tail.array<char*>(sids.size() - 2);
  for (std::size_t i = 2; i < sids.size(); ++i) {
    char* const text = tail.text(to_text(sids[i]));
    if (out.GroupSids != nullptr) out.GroupSids[i - 2] = text;
  }
}

SspiTokenInformation fill(const Token& token, Tail& tail) {
  SspiTokenInformation out{};
  out.Flags = token.identify_only ? SSPI_TOKEN_IDENTIFY_ONLY : 0;
  out.Principal = tail.text(token.principal);
  out.Authority = tail.optional(token.authority);
  if (token.account) fill_account(*token.account, tail, out);
  out.LogonName = tail.optional(token.logon_name);
  out.LogonDomain = tail.optional(token.logon_domain);
  fill_sids(token.sids, tail, out);
  return out;
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS SspiQueryTokenInformation(HANDLE Token, SspiTokenInformation** Information) {
  return sspi::c_boundary([&] {
    if (Information == nullptr) return sspi::failed(SEC_E_INVALID_PARAMETER, "Information is NULL");
    const auto token = sspi::find_token(Token);
    if (!token) return sspi::failed(SEC_E_INVALID_HANDLE, "the handle names no token");
    sspi::Tail counted(sizeof(SspiTokenInformation));
    (void)sspi::fill(*token, counted);
    sspi::ContextBuffer block(counted.size());
    sspi::Tail tail(sizeof(SspiTokenInformation), static_cast<std::byte*>(block.get()));
    const SspiTokenInformation filled = sspi::fill(*token, tail);
    std::memcpy(block.get(), &filled, sizeof filled);
    *Information = block.hand_out<SspiTokenInformation>();
    return SEC_E_OK;
  });
}
