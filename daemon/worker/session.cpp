#include "daemon/worker/session.h"

#include <openssl/crypto.h>
#include <sys/random.h>

namespace sspid::worker {

namespace {

proto::SessionKey random_key(std::uint8_t worker) {
  std::uint64_t words[2];
  if (::getrandom(words, sizeof words, 0) != sizeof words) throw std::bad_alloc();
  words[0] = (words[0] >> 8) | (std::uint64_t{worker} << 56);
  return {words[0], words[1]};
}

bool same_secret(const proto::SessionKey& a, const proto::SessionKey& b) {
  return CRYPTO_memcmp(&a, &b, sizeof a) == 0;
}

}  // namespace

std::shared_ptr<Session> Sessions::open(Client client) {
  const proto::SessionKey key = random_key(worker_);
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = ++last_number_;
  }
  // The deleter takes the session out of the map before its objects go, so that nobody joins what is ending.
  std::shared_ptr<Session> session(new Session(key, number, std::move(client), ids_, credentials_, contexts_),
                                   [this](Session* ending) {
                                     forget(ending->key.high());
                                     delete ending;
                                   });
  const std::lock_guard lock(mutex_);
  sessions_[key.high()] = session;
  return session;
}

std::shared_ptr<Session> Sessions::join(const proto::SessionKey& key) {
  std::shared_ptr<Session> session;  // outlives the lock: were it the last reference, its end would take the lock again
  {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(key.high());
    if (found == sessions_.end()) return nullptr;
    session = found->second.lock();
  }
  if (!session || !same_secret(session->key, key)) return nullptr;
  if (static_cast<std::size_t>(session.use_count()) > proto::kMaxConnectionsPerSession + 1) return nullptr;
  return session;
}

std::vector<std::shared_ptr<Session>> Sessions::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Session>> living;
  for (const auto& [high, weak] : sessions_)
    if (auto session = weak.lock()) living.push_back(std::move(session));
  return living;
}

void Sessions::forget(std::uint64_t high) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(high);
  if (found != sessions_.end() && found->second.expired()) sessions_.erase(found);
}

}  // namespace sspid::worker
