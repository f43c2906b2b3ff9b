#include "daemon/supervisor/configuration.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>

#include "daemon/supervisor/json.h"

namespace sspid::supervisor {

namespace {

using json::Kind;
using json::Value;

constexpr std::array<std::string_view, 3> kOwnPackages = {"Negotiate", "Kerberos", "NTLM"};

/// An object of the file, whose keys are taken one by one: what is left in the end is unknown.
class Section {
 public:
  Section(const Value& value, std::string path, const std::string& file)
      : value_(value), path_(std::move(path)), file_(file) {
    if (value.kind != Kind::object) throw complaint(value, path_, "must be an object");
  }

  [[nodiscard]] const Value* take(const std::string& key) {
    taken_.insert(key);
    const auto member =
        std::find_if(value_.members.begin(), value_.members.end(), [&](const auto& each) { return each.first == key; });
    return member == value_.members.end() ? nullptr : &member->second;
  }

  [[nodiscard]] std::optional<std::string> text(const std::string& key) {
    const Value* value = take(key);
    return value ? std::optional(text_of(*value, path_of(key))) : std::nullopt;
  }

  [[nodiscard]] std::optional<std::vector<std::string>> texts(const std::string& key) {
    const Value* value = take(key);
    if (!value) return std::nullopt;
    if (value->kind != Kind::list) throw complaint(*value, path_of(key), "must be a list of texts");
    std::vector<std::string> all;
    for (std::size_t i = 0; i < value->items.size(); ++i)
      all.push_back(text_of(value->items[i], path_of(key) + '[' + std::to_string(i) + ']'));
    return all;
  }

  [[nodiscard]] std::optional<Section> section(const std::string& key) {
    const Value* value = take(key);
    return value ? std::optional<Section>(std::in_place, *value, path_of(key), file_) : std::nullopt;
  }

  [[nodiscard]] std::vector<std::string> keys() const {
    std::vector<std::string> all;
    for (const auto& [key, value] : value_.members) all.push_back(key);
    return all;
  }

  void finish() const {
    for (const auto& [key, value] : value_.members)
      if (taken_.count(key) == 0) throw complaint(value, path_of(key), "there is no such key");
  }

  [[nodiscard]] std::string path_of(const std::string& key) const { return path_.empty() ? key : path_ + '.' + key; }
  [[nodiscard]] json::Error complaint(const Value& value, const std::string& path, const std::string& what) const {
    return {file_, value.at, path, what};
  }
  [[nodiscard]] json::Error complaint(const std::string& key, const std::string& what) {
    return complaint(*take(key), path_of(key), what);
  }

 private:
  [[nodiscard]] std::string text_of(const Value& value, const std::string& path) const {
    if (value.kind != Kind::text || value.text.empty()) throw complaint(value, path, "must be a text");
    return value.text;
  }

  const Value& value_;
  std::string path_;
  const std::string& file_;
  std::set<std::string> taken_;
};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// Digits in at least two groups with dots between them.
bool is_oid(std::string_view text) {
  std::size_t arcs = 0;
  while (true) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    const std::string_view arc = text.substr(0, dot);
    if (arc.empty() || arc.size() > 10 || arc.find_first_not_of("0123456789") != arc.npos) return false;
    arcs += 1;
    if (dot == text.size()) return arcs >= 2;
    text.remove_prefix(dot + 1);
  }
}

Mechanism read_mechanism(Section section, const std::string& name) {
  Mechanism mechanism;
  mechanism.name = name;
  const auto oid = section.text("oid");
  mechanism.oid = oid.value_or("");
  mechanism.comment = section.text("comment").value_or("");
  section.finish();
  if (oid && !is_oid(*oid)) throw section.complaint("oid", "must be an object identifier like \"1.3.6.1.5.2.5\"");
  return mechanism;
}

void read_mechanisms(Section section, std::vector<Mechanism>& mechanisms) {
  for (const std::string& name : section.keys()) {
    const bool is_own = std::any_of(kOwnPackages.begin(), kOwnPackages.end(),
                                    [&](std::string_view own) { return equal_ignoring_case(own, name); });
    // It stands on the command line of the worker, and in lists with commas.
    const bool is_name = !name.empty() && name.find_first_of("=,! \t\n") == std::string::npos && name.size() <= 64;
    if (is_own || !is_name)
      throw section.complaint(name, is_own ? "is a package of its own" : "is no name of a package");
    mechanisms.push_back(read_mechanism(*section.section(name), name));
    if (mechanisms.back().oid.empty()) throw section.complaint(name, "needs an \"oid\"");
  }
}

void read_packages(Section section, Configuration& configuration) {
  if (auto mechanisms = section.section("mechanisms"))
    read_mechanisms(std::move(*mechanisms), configuration.mechanisms);
  if (auto offer = section.texts("offer")) {
    const Value& list = *section.take("offer");
    for (std::size_t i = 0; i < offer->size(); ++i) {
      const auto is_it = [&](std::string_view name) { return equal_ignoring_case(name, (*offer)[i]); };
      const bool is_known = std::any_of(kOwnPackages.begin(), kOwnPackages.end(), is_it) ||
                            std::any_of(configuration.mechanisms.begin(), configuration.mechanisms.end(),
                                        [&](const Mechanism& mechanism) { return is_it(mechanism.name); });
      if (!is_known)
        throw section.complaint(list.items[i], section.path_of("offer") + '[' + std::to_string(i) + ']',
                                "there is no package \"" + (*offer)[i] + '"');
    }
    configuration.offer = std::move(*offer);
  }
  section.finish();
}

void read_ntlm(Section section, Configuration& configuration) {
  configuration.users_file = section.text("users_file");
  configuration.default_user = section.text("default_user");
  section.finish();
  if (configuration.default_user && !configuration.users_file)
    throw section.complaint("default_user", "is looked up in \"users_file\", which is missing");
}

}  // namespace

Configuration parse_configuration(std::string_view text, const std::string& file) {
  const Value root = json::parse(text, file);
  Configuration configuration;
  // NTLM is a step back: it is there only where it is asked for by name.
  configuration.offer = {"Negotiate", "Kerberos"};
  Section top(root, {}, file);
  if (auto packages = top.section("packages")) read_packages(std::move(*packages), configuration);
  if (auto ntlm = top.section("ntlm")) read_ntlm(std::move(*ntlm), configuration);
  top.finish();
  return configuration;
}

Configuration read_configuration(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) throw std::system_error(errno, std::system_category(), file);
  return parse_configuration(text.str(), file);
}

Configuration configuration_without_file(const char* ntlm_user_file) {
  Configuration configuration;
  if (ntlm_user_file && *ntlm_user_file) {
    configuration.users_file = ntlm_user_file;
    configuration.default_user = "*";
  }
  return configuration;
}

}  // namespace sspid::supervisor
