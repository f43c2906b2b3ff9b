// A keytab file that a client packed into its identity. What is decoded lies inside the bytes, which lie in a block of
// exactly their size.
#include <cstring>
#include <memory>

#include "daemon/keytab_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::make_unique<std::byte[]>(size);
  if (size != 0) std::memcpy(bytes.get(), data, size);
  const std::span<const std::byte> file(bytes.get(), size);

  const auto entries = sspid::decode_keytab(file);
  if (!entries) return 0;
  std::size_t total = 0;
  for (const auto& entry : *entries) {
    total += entry.realm.size() + entry.key.size();
    for (const auto component : entry.components) total += component.size();
  }
  if (total > size) __builtin_trap();
  return 0;
}
