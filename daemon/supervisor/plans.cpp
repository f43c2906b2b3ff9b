#include "daemon/supervisor/plans.h"

#include <cstdlib>
#include <stdexcept>

#include <pwd.h>
#include <unistd.h>

#include "daemon/supervisor/replay_directory.h"

namespace sspid::supervisor {

namespace {

// The part of a worker's folder that tells identities of one kind from those of the other.
std::string folder_of_service(const std::string& name) { return "service." + name; }
std::string folder_of_user(const std::string& uid) { return "user." + uid; }

const passwd& unprivileged_user() {
  for (const char* name : {"sspid", "nobody"})
    if (const passwd* user = ::getpwnam(name); user != nullptr && user->pw_uid != 0) return *user;
  throw std::runtime_error{"there is neither a user sspid nor a user nobody to run workers as"};
}

std::vector<std::string> names_of(const std::map<std::string, Service>& services) {
  std::vector<std::string> names;
  for (const auto& [name, service] : services) names.push_back(name);
  return names;
}

Grant nothing_for(const Identity& identity) {
  Grant grant;
  grant.identity = identity.text();
  grant.section = identity.kind == Identity::Kind::user ? "users" : "services." + identity.name;
  return grant;
}

}  // namespace

Plans::Plans(proto::Descriptor program, WorkerOptions options, std::string state, std::chrono::seconds patience)
    : program_(std::move(program)), options_(std::move(options)), state_(std::move(state)), patience_(patience) {
  if (::geteuid() != 0) return;
  const passwd& user = unprivileged_user();
  unprivileged_ = {user.pw_uid, user.pw_gid};
}

void Plans::use(const Configuration& configuration) {
  if (configuration.has_policy && !unprivileged_)
    throw std::runtime_error{"\"services\" and \"users\" need root: without, sspid serves its own user only"};
  ServiceUids uids = uids_;
  uids.assign(names_of(configuration.services), configuration.first_service_uid, configuration.last_service_uid,
              [&](const std::string& name) { return owner_of_replay_directory(state_, folder_of_service(name)); });
  Configuration copy = configuration;
  uids_ = std::move(uids);
  configuration_ = std::move(copy);
}

WorkerPlan Plans::plan(const Identity& identity) const {
  WorkerPlan plan = plan_for(identity);
  plan.patience = patience_;
  return plan;
}

WorkerPlan Plans::plan_for(const Identity& identity) const {
  switch (identity.kind) {
    case Identity::Kind::own_uid:
      return of_own_uid();
    case Identity::Kind::user:
      return of_user(identity);
    case Identity::Kind::service:
      return of_service(identity);
  }
  throw std::logic_error{"no such kind of identity"};
}

WorkerPlan Plans::of_own_uid() const {
  WorkerPlan plan = running_as(unprivileged_, unprivileged_ ? Caches::none : Caches::named);
  plan.environment = worker_environment();
  plan.grant = configuration_.has_policy ? Grant{} : configuration_.own;
  if (const auto path = keytab_path(std::getenv("KRB5_KTNAME"))) plan.keytab = KeyFile{*path, {}};
  if (configuration_.ntlm) plan.users = configuration_.ntlm->file;
  return plan;
}

// Root's files are open to every process with uid 0, whatever else it may not do.
WorkerPlan Plans::of_user(const Identity& identity) const {
  const auto uid = static_cast<uid_t>(std::stoul(identity.name));
  const passwd* user = ::getpwuid(uid);
  const gid_t nobodys = unprivileged_->gid;
  const Ids ids = uid == 0 ? *unprivileged_ : Ids{uid, user ? user->pw_gid : nobodys};
  Grant grant = configuration_.users.value_or(nothing_for(identity));
  grant.identity = identity.text();
  return for_others(folder_of_user(identity.name), ids, uid == 0 ? Caches::none : Caches::named, grant);
}

WorkerPlan Plans::of_service(const Identity& identity) const {
  const auto found = configuration_.services.find(identity.name);
  if (found == configuration_.services.end())
    return for_others(folder_of_service(identity.name), *unprivileged_, Caches::none, nothing_for(identity));
  const Service& service = found->second;
  const uid_t uid = uids_.of(identity.name);
  const Ids ids{uid, static_cast<gid_t>(uid)};
  WorkerPlan plan = for_others(folder_of_service(identity.name), ids, Caches::none, service.grant);
  plan.keytab = service.accept;
  plan.client_keytab = service.initiate_by;
  if (service.ntlm) plan.users = service.ntlm->file;
  return plan;
}

WorkerPlan Plans::for_others(const std::string& folder, const Ids& ids, Caches caches, const Grant& grant) const {
  WorkerPlan plan = running_as(ids, caches);
  plan.environment = environment_for_others();
  plan.environment.push_back("KRB5RCACHEDIR=" + make_replay_directory(state_, folder, ids.uid));
  plan.grant = grant;
  return plan;
}

WorkerPlan Plans::running_as(const std::optional<Ids>& ids, Caches caches) const {
  WorkerOptions options = options_;
  options.named_caches = caches == Caches::named;
  if (ids) {
    options.uid = ids->uid;
    options.gid = ids->gid;
  }
  WorkerPlan plan;
  plan.program = program_.get();
  plan.arguments = command_line_of(options);
  return plan;
}

}  // namespace sspid::supervisor
