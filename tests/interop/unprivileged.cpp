#include "unprivileged.h"

#include <cerrno>
#include <optional>
#include <stdexcept>
#include <system_error>

#include <pwd.h>
#include <unistd.h>

#include "support/process.h"

namespace sspid::test {

namespace {

struct Ids {
  uid_t user;
  gid_t group;
};

// Nothing: this process has no privileges to give up.
std::optional<Ids> other_user() {
  if (::geteuid() != 0) return {};
  const passwd* nobody = ::getpwnam("nobody");
  if (!nobody) throw std::runtime_error("this system has no user nobody");
  return Ids{nobody->pw_uid, nobody->pw_gid};
}

void give(const std::filesystem::path& path, const Ids& ids) {
  if (::lchown(path.c_str(), ids.user, ids.group) != 0)
    throw std::system_error(errno, std::generic_category(), path.string());
}

}  // namespace

std::vector<std::string> unprivileged(std::vector<std::string> command) {
  const std::optional<Ids> ids = other_user();
  if (!ids) return command;
  // A change of uid clears the signal that the parent's death sends; hence it is asked for here again.
  std::vector<std::string> result{"setpriv",
                                  "--reuid",
                                  std::to_string(ids->user),
                                  "--regid",
                                  std::to_string(ids->group),
                                  "--clear-groups",
                                  "--pdeathsig",
                                  "KILL",
                                  "--"};
  command.at(0) = find_program(command.at(0));
  result.insert(result.end(), command.begin(), command.end());
  return result;
}

void give_to_unprivileged(const std::filesystem::path& directory) {
  const std::optional<Ids> ids = other_user();
  if (!ids) return;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) give(entry.path(), *ids);
  give(directory, *ids);
}

}  // namespace sspid::test
