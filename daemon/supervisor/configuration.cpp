#include "daemon/supervisor/configuration.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <system_error>

#include <grp.h>
#include <pwd.h>
#include <sys/un.h>

#include "daemon/supervisor/section.h"

namespace sspid::supervisor {

namespace {

constexpr std::array<std::string_view, 3> kOwnPackages = {"Negotiate", "Kerberos", "NTLM"};
constexpr std::uint32_t kMost = 1'000'000'000;

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

// ---- Packages ----

Mechanism read_mechanism(Section section, const std::string& name) {
  Mechanism mechanism;
  mechanism.name = name;
  mechanism.oid = section.text("oid").value_or("");
  mechanism.comment = section.text("comment").value_or("");
  section.finish();
  if (mechanism.oid.empty()) throw section.place().complaint("needs an \"oid\"");
  if (!is_oid(mechanism.oid))
    throw section.place_of("oid").complaint("must be an object identifier like \"1.3.6.1.5.2.5\"");
  return mechanism;
}

void read_mechanisms(Section section, std::vector<Mechanism>& mechanisms) {
  for (const std::string& name : section.keys()) {
    const bool is_own = std::any_of(kOwnPackages.begin(), kOwnPackages.end(),
                                    [&](std::string_view own) { return equal_ignoring_case(own, name); });
    // It stands in lists with commas.
    const bool is_name = !name.empty() && name.find_first_of("=,! \t\n") == std::string::npos && name.size() <= 64;
    if (is_own || !is_name)
      throw section.place_of(name).complaint(is_own ? "is a package of its own" : "is no name of a package");
    mechanisms.push_back(read_mechanism(*section.section(name), name));
  }
}

/// What can only be judged when every file was read.
using Check = std::function<void(const Configuration&)>;

bool is_package(const Configuration& configuration, const std::string& name) {
  const auto is_it = [&](std::string_view known) { return equal_ignoring_case(known, name); };
  return std::any_of(kOwnPackages.begin(), kOwnPackages.end(), is_it) ||
         std::any_of(configuration.mechanisms.begin(), configuration.mechanisms.end(),
                     [&](const Mechanism& mechanism) { return is_it(mechanism.name); });
}

std::optional<Grant::Names> read_offer(Section& section, const std::string& key, std::vector<Check>& checks) {
  auto offer = section.texts(key);
  for (std::size_t i = 0; offer && i < offer->size(); ++i)
    checks.push_back([place = section.place_of(key, i), name = (*offer)[i]](const Configuration& all) {
      if (!is_package(all, name)) throw place.complaint("there is no package \"" + name + '"');
    });
  return offer;
}

std::optional<NtlmUsers> read_ntlm(Section section) {
  const auto file = section.text("users_file");
  const auto default_user = section.text("default_user");
  section.finish();
  if (!file && default_user)
    throw section.place_of("default_user").complaint("is looked up in \"users_file\", which is missing");
  return file ? std::optional(NtlmUsers{*file, default_user}) : std::nullopt;
}

// ---- Who is meant ----

std::optional<std::uint32_t> number_in(const std::string& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<uid_t> read_user(Section& section, const std::string& key) {
  const auto name = section.text(key);
  if (!name) return std::nullopt;
  if (const auto uid = number_in(*name)) return uid;
  if (const passwd* user = ::getpwnam(name->c_str())) return user->pw_uid;
  throw section.place_of(key).complaint("there is no user \"" + *name + '"');
}

std::optional<gid_t> read_group(Section& section, const std::string& key) {
  const auto name = section.text(key);
  if (!name) return std::nullopt;
  if (const auto gid = number_in(*name)) return gid;
  if (const group* found = ::getgrnam(name->c_str())) return found->gr_gid;
  throw section.place_of(key).complaint("there is no group \"" + *name + '"');
}

Match read_match(Section section, bool has_socket) {
  Match match;
  match.uid = read_user(section, "user");
  match.gid = read_group(section, "group");
  match.unit = section.text("unit");
  match.executable = section.text("executable");
  section.finish();
  // Whoever has the uid can run the right program, and start a unit of any name that is not the system's.
  if (!match.uid && !match.gid && !has_socket)
    throw section.place().complaint("needs a \"user\" or a \"group\": unit and executable only narrow them");
  return match;
}

std::string read_path(Section& section, const std::string& key) {
  const auto path = section.text(key);
  if (!path) throw section.place().complaint("needs \"" + key + '"');
  if (path->front() != '/') throw section.place_of(key).complaint("must be an absolute path");
  return *path;
}

mode_t read_mode(Section& section) {
  const std::string text = section.text("mode").value_or("0600");
  mode_t mode = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (error != std::errc{} || end != text.data() + text.size() || mode > 0777)
    throw section.place_of("mode").complaint("must be three octal digits like \"0660\"");
  return mode;
}

/// A socket that is named and no more is open to whom the service is matched by.
SocketPlace read_socket(Section& service, const std::optional<Match>& match) {
  SocketPlace place;
  if (service.is_text("socket")) {
    place.path = read_path(service, "socket");
    if (match && match->uid) place.owner = *match->uid;
    if (match && match->gid) place.group = *match->gid;
    if (match && match->gid) place.mode = 0660;
  } else {
    Section section = *service.section("socket");
    place.path = read_path(section, "path");
    place.owner = read_user(section, "owner").value_or(0);
    place.group = read_group(section, "group").value_or(0);
    place.mode = read_mode(section);
    section.finish();
  }
  if (place.path.size() >= sizeof sockaddr_un{}.sun_path)
    throw service.place_of("socket").complaint("is longer than a socket's path can be");
  return place;
}

// ---- What is allowed ----

KeyFile read_key_file(Section& section, const std::string& key) { return {read_path(section, key), {}}; }

void read_accept(Section section, Service& service) {
  service.accept = read_key_file(section, "keytab");
  service.accept->principals = section.texts("principals").value_or(Grant::Names{});
  service.grant.accept = true;
  section.finish();
}

void read_initiate(Section section, Service& service) {
  service.grant.initiate = true;
  service.grant.targets = section.texts("targets");
  if (section.has("client_keytab")) {
    service.initiate_by = read_key_file(section, "client_keytab");
    service.grant.by_client_keytab = true;
  }
  if (const auto principal = section.text("principal")) {
    if (!service.initiate_by)
      throw section.place_of("principal").complaint("is of \"client_keytab\", which is missing");
    service.initiate_by->principals = {*principal};
    service.grant.initiator = *principal;
  }
  section.finish();
}

void read_delegate(Section section, Service& service) {
  service.grant.s4u2self = section.boolean("s4u2self").value_or(false);
  service.grant.s4u2proxy = section.texts("s4u2proxy").value_or(Grant::Names{});
  service.grant.forwarded = section.texts("forwarded").value_or(Grant::Names{});
  section.finish();
}

Quotas read_quotas(Section section) {
  Quotas quotas;
  quotas.connections = section.number("connections", 1, kMost).value_or(0);
  quotas.contexts = section.number("contexts", 1, kMost).value_or(0);
  quotas.memory_mib = section.number("memory_mib", 16, kMost).value_or(0);
  quotas.requests_per_second = section.number("requests_per_second", 1, kMost).value_or(0);
  section.finish();
  return quotas;
}

/// What services and users have in common.
void read_common(Section& section, Grant& grant, std::vector<Check>& checks) {
  grant.packages = read_offer(section, "packages", checks);
  if (auto quotas = section.section("quotas")) grant.quotas = read_quotas(std::move(*quotas));
}

Service read_service(Section section, std::vector<Check>& checks) {
  Service service;
  service.grant.s4u2proxy = service.grant.forwarded = Grant::Names{};
  if (auto match = section.section("match")) service.match = read_match(std::move(*match), section.has("socket"));
  if (section.has("socket")) service.socket = read_socket(section, service.match);
  if (!service.match && !service.socket) throw section.place().complaint("needs a \"match\" or a \"socket\"");
  if (auto accept = section.section("accept")) read_accept(std::move(*accept), service);
  if (auto initiate = section.section("initiate")) read_initiate(std::move(*initiate), service);
  if (auto delegate = section.section("delegate")) read_delegate(std::move(*delegate), service);
  if (auto ntlm = section.section("ntlm")) {
    service.ntlm = read_ntlm(std::move(*ntlm));
    if (service.ntlm) service.grant.ntlm_default_user = service.ntlm->default_user;
  }
  service.grant.session_key = section.choice("session_key", "allow", "deny").value_or(false);
  read_common(section, service.grant, checks);
  section.finish();
  return service;
}

/// A part of a file's name, a word on a command line.
bool is_service_name(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return !name.empty() && name.size() <= 64 && name.front() != '.' && name.find_first_not_of(kAllowed) == name.npos;
}

Grant usual_grant_of_users() {
  Grant grant;
  grant.initiate = true;
  grant.session_key = true;
  grant.s4u2proxy = grant.forwarded = Grant::Names{};
  return grant;
}

std::optional<Grant> read_users(Section section, std::vector<Check>& checks) {
  Grant grant = usual_grant_of_users();
  const bool serve = section.boolean("serve").value_or(true);
  grant.initiate = section.boolean("initiate").value_or(grant.initiate);
  grant.accept = section.boolean("accept").value_or(grant.accept);
  grant.session_key = section.choice("session_key", "allow", "deny").value_or(grant.session_key);
  read_common(section, grant, checks);
  section.finish();
  return serve ? std::optional(grant) : std::nullopt;
}

// ---- Files ----

class Reader {
 public:
  Reader() {
    result_.own = Grant::everything();
    // NTLM is a step back: it is there only where it is asked for by name.
    result_.own.packages = {"Negotiate", "Kerberos"};
    result_.users = usual_grant_of_users();
  }

  void add(std::string_view text, const std::string& file) {
    const json::Value root = json::parse(text, file);
    Section top(root, {}, file);
    if (auto packages = once(top, "packages")) read_packages(std::move(*packages));
    if (auto ntlm = once(top, "ntlm")) read_own_ntlm(std::move(*ntlm));
    if (auto services = top.section("services")) read_services(std::move(*services));
    if (auto users = once(top, "users")) {
      result_.users = read_users(std::move(*users), checks_);
      result_.has_policy = true;
    }
    if (auto workers = once(top, "workers")) read_workers(std::move(*workers));
    if (auto admin = once(top, "admin")) {
      result_.admin_socket = admin->text("socket");
      result_.admin_group = read_group(*admin, "group");
      admin->finish();
    }
    top.finish();
  }

  Configuration finish() {
    for (const Check& check : checks_) check(result_);
    for (auto& [name, service] : result_.services) complete(service.grant, "service " + name, "services." + name);
    if (result_.users) complete(*result_.users, "user", "users");
    result_.own.mechanisms = result_.mechanisms;
    return std::move(result_);
  }

 private:
  std::optional<Section> once(Section& top, const std::string& key) {
    auto section = top.section(key);
    if (!section) return section;
    const Place place = top.place_of(key);
    const auto [earlier, is_first] = files_.emplace(key, place.file);
    if (!is_first) throw place.complaint("stands in " + earlier->second + " already");
    return section;
  }

  void read_packages(Section section) {
    if (auto mechanisms = section.section("mechanisms")) read_mechanisms(std::move(*mechanisms), result_.mechanisms);
    if (auto offer = read_offer(section, "offer", checks_)) result_.own.packages = std::move(*offer);
    section.finish();
  }

  void read_own_ntlm(Section section) {
    checks_.push_back([place = section.place()](const Configuration& all) {
      if (all.has_policy) throw place.complaint("stands in a service where there are services or users");
    });
    result_.ntlm = read_ntlm(std::move(section));
    if (result_.ntlm) result_.own.ntlm_default_user = result_.ntlm->default_user;
  }

  void read_services(Section section) {
    result_.has_policy = true;
    for (const std::string& name : section.keys()) {
      const Place place = section.place_of(name);
      if (!is_service_name(name)) throw place.complaint("is no name of a service: up to 64 of a-z A-Z 0-9 - _ .");
      const auto [earlier, is_first] = files_.emplace(place.key, place.file);
      if (!is_first) throw place.complaint("stands in " + earlier->second + " already");
      Service service = read_service(*section.section(name), checks_);
      if (service.socket && !sockets_.insert(service.socket->path).second)
        throw place.complaint("has the socket of another service");
      result_.services.emplace(name, std::move(service));
      checks_.push_back([place](const Configuration& all) {
        if (all.services.size() > all.last_service_uid - all.first_service_uid + 1)
          throw place.complaint("is one service more than \"workers\" has uids");
      });
    }
  }

  void read_workers(Section section) {
    result_.first_service_uid = section.number("first_uid", 1, kMost).value_or(result_.first_service_uid);
    result_.last_service_uid = section.number("last_uid", 1, kMost).value_or(result_.last_service_uid);
    section.finish();
    if (result_.first_service_uid > result_.last_service_uid)
      throw section.place().complaint("\"first_uid\" is behind \"last_uid\"");
  }

  void complete(Grant& grant, std::string identity, std::string section) const {
    grant.identity = std::move(identity);
    grant.section = std::move(section);
    grant.mechanisms = result_.mechanisms;
    if (!grant.packages) grant.packages = result_.own.packages;
  }

  Configuration result_;
  std::vector<Check> checks_;
  std::map<std::string, std::string> files_;  // by key: what may stand in one only
  std::set<std::string> sockets_;
};

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) throw std::system_error(errno, std::system_category(), file.string());
  return text.str();
}

std::vector<std::filesystem::path> further_files(const std::filesystem::path& file) {
  std::vector<std::filesystem::path> found;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(file.parent_path() / "conf.d", none))
    if (entry.path().extension() == ".json") found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

Configuration parse_configuration(std::string_view text, const std::string& file) {
  Reader reader;
  reader.add(text, file);
  return reader.finish();
}

Configuration read_configuration(const std::string& file) {
  Reader reader;
  reader.add(text_of(file), file);
  for (const auto& further : further_files(file)) reader.add(text_of(further), further.string());
  return reader.finish();
}

Configuration configuration_without_file(const char* ntlm_user_file) {
  Configuration configuration;
  configuration.own = Grant::everything();
  if (ntlm_user_file && *ntlm_user_file) {
    configuration.ntlm = NtlmUsers{ntlm_user_file, "*"};
    configuration.own.ntlm_default_user = "*";
  }
  return configuration;
}

}  // namespace sspid::supervisor
