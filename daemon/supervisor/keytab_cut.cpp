#include "daemon/supervisor/keytab_cut.h"

#include <algorithm>

#include "daemon/keytab_file.h"

namespace sspid::supervisor {

namespace {

std::string name_of(const KeytabFileEntry& entry) {
  std::string name;
  for (const auto component : entry.components) {
    if (!name.empty()) name += '/';
    name += component;
  }
  return name;
}

bool is_granted(const std::string& name, const std::string& full, const std::vector<std::string>& principals) {
  return principals.empty() || std::any_of(principals.begin(), principals.end(), [&](const std::string& principal) {
           return principal == (principal.find('@') == std::string::npos ? name : full);
         });
}

}  // namespace

std::optional<KeytabCut> cut_keytab(std::span<const std::byte> file, const std::vector<std::string>& principals) {
  const auto entries = decode_keytab(file);
  if (!entries) return std::nullopt;
  KeytabCut cut;
  for (const KeytabFileEntry& entry : *entries) {
    const std::string name = name_of(entry);
    std::string full = name + '@' + std::string(entry.realm);
    if (is_granted(name, full, principals))
      cut.entries.push_back(entry.record);
    else if (std::find(cut.withheld.begin(), cut.withheld.end(), full) == cut.withheld.end())
      cut.withheld.push_back(std::move(full));
  }
  return cut;
}

}  // namespace sspid::supervisor
