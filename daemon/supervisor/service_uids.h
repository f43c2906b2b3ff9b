// Under which uid each service's worker runs: one of its own from a small range, and the same one as long as its replay
// cache is there, because that belongs to it. One thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace sspid::supervisor {

class ServiceUids {
 public:
  /// Forgets nobody who is still among `services`, and gives the new ones what is free from `first` to `last`: first
  /// what `owner` says was theirs before this process began (0: nothing). The range has room for all.
  template <class Owner>
  void assign(const std::vector<std::string>& services, uid_t first, uid_t last, Owner owner);

  /// Of a service that was assigned one.
  [[nodiscard]] uid_t of(const std::string& service) const { return uids_.at(service); }

 private:
  [[nodiscard]] bool is_free(uid_t uid) const;

  std::map<std::string, uid_t> uids_;
};

template <class Owner>
void ServiceUids::assign(const std::vector<std::string>& services, uid_t first, uid_t last, Owner owner) {
  const auto in_range = [&](uid_t uid) { return uid >= first && uid <= last; };
  std::map<std::string, uid_t> before;
  before.swap(uids_);
  std::vector<std::string> without;
  for (const std::string& service : services) {
    const auto known = before.find(service);
    const uid_t uid = known != before.end() ? known->second : owner(service);
    if (in_range(uid) && is_free(uid))
      uids_[service] = uid;
    else
      without.push_back(service);
  }
  // A uid of a service that is no more may still have a worker: it is given away last.
  const auto was_used = [&](uid_t uid) {
    for (const auto& [service, used] : before)
      if (used == uid) return true;
    return false;
  };
  for (const bool used_before : {false, true})
    for (uid_t uid = first; !without.empty() && uid <= last; ++uid)
      if (is_free(uid) && was_used(uid) == used_before) {
        uids_[without.back()] = uid;
        without.pop_back();
      }
}

inline bool ServiceUids::is_free(uid_t uid) const {
  for (const auto& [service, used] : uids_)
    if (used == uid) return false;
  return true;
}

}  // namespace sspid::supervisor
