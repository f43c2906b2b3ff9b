// The logon information of a PAC: any bytes are refused, or name a user and groups that stay within bounds and come
// back from their wire form.
#include <cstdlib>
#include <cstring>
#include <memory>

#include "daemon/worker/pac.h"
#include "proto/limits.h"

using namespace sspid;

namespace {

void check(const proto::Sid& sid) {
  std::vector<std::byte> bytes;
  append(sid, bytes);
  std::span<const std::byte> rest(bytes);
  if (proto::take_sid(rest) != sid || !rest.empty()) std::abort();
  if (to_text(sid).empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // An exactly sized block, so that a byte too many is seen.
  const auto block = std::make_unique<std::byte[]>(size);
  if (size != 0) std::memcpy(block.get(), data, size);
  const auto info = worker::read_logon_info({block.get(), size});
  if (!info) return 0;
  if (info->groups.size() > proto::kMaxSids) std::abort();
  check(info->user);
  check(info->primary_group);
  for (const proto::Sid& group : info->groups) check(group);
  return 0;
}
