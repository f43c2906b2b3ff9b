// The bytes of SspiMarshalAuthIdentity from anywhere: what is read from them makes the same block again, and the string
// of a credential makes the same credential. The bytes lie in a block of exactly their size.
#include <cstring>
#include <memory>

#include "client-lib/auth_identity.h"
#include "client-lib/packed_string.h"

namespace {

void check(bool holds) {
  if (!holds) __builtin_trap();
}

bool same(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

std::span<const std::byte> whole(const sspi::ContextBuffer& block) {
  return {static_cast<const std::byte*>(block.get()), sspi::context_buffer_size(block.get())};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::make_unique<std::byte[]>(size);
  if (size != 0) std::memcpy(bytes.get(), data, size);
  // As SspiUnmarshalAuthIdentity does it.
  if (!sspi::ex2_pieces({bytes.get(), size})) return 0;
  sspi::IdentityContent content;
  if (sspi::read_content(bytes.get(), content) != SEC_E_OK) return 0;

  const auto block = sspi::make_block(content, sspi::Room::exact);
  if (!block) return 0;
  sspi::IdentityContent again;
  check(sspi::read_content(block->get(), again) == SEC_E_OK);
  const auto second = sspi::make_block(again, sspi::Room::exact);
  check(second && same(whole(*block), whole(*second)));

  if (content.is_encrypted() || content.packed.size() == 0) return 0;
  const auto text = sspi::string_of_packed(content.packed.bytes());
  const auto packed = sspi::packed_of_string(static_cast<const SEC_WCHAR*>(text.get()));
  check(packed.has_value());
  const auto before = sspi::packed_credential(content.packed.bytes());
  const auto after = sspi::packed_credential(packed->bytes());
  check(before && after && before->kind == after->kind && same(before->data, after->data));
  return 0;
}
