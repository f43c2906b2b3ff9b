#include "listing.h"

#include <cstdio>

namespace sspictl {

Result list_all(const Options& options, const char* member, std::vector<std::string> heading,
                std::vector<std::string> (*row)(const Json& item, std::int64_t now)) {
  const AdminAnswer answer = ask(options.administration(), sspid::admin::Kind::reports, options.deadline());
  std::fputs(answer.complaints().c_str(), stderr);
  Table table{std::move(heading)};
  Json all = Json::array();
  for (const WorkerView& view : answer.workers) {
    if (!view.report.is_object()) continue;
    for (const Json& item : list_of(view.report, member)) {
      if (!item.is_object()) continue;
      Json with_identity = {{"identity", text_of(view.worker, "identity")}};
      with_identity.update(item);
      with_identity["identity"] = text_of(view.worker, "identity");  // not what a worker says of itself
      if (options.format == Format::text) table.add(row(with_identity, number_of(answer.supervisor, "now")));
      if (options.format == Format::json) all.push_back(std::move(with_identity));
    }
  }
  return {options.format == Format::json ? to_line(all) : table.text(),
          answer.complete() ? Exit::ok : Exit::incomplete};
}

}  // namespace sspictl
