// A session is one client process: what it holds, and the key by which its further connections join. Any thread.
#pragma once

#include <cstdint>
#include <ctime>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "daemon/worker/client.h"
#include "daemon/worker/context.h"
#include "daemon/worker/credential.h"
#include "daemon/worker/handles.h"
#include "proto/limits.h"

namespace sspid::worker {

/// Kept alive by its connections; the last one to go ends it, and with it all that it holds.
class Session {
 public:
  Session(proto::SessionKey own_key, std::uint64_t own_number, Client who, ObjectIds& ids, Allowance& all_credentials,
          Allowance& all_contexts)
      : key(own_key),
        number(own_number),
        client(std::move(who)),
        since(std::time(nullptr)),
        credentials(ids, all_credentials, proto::kMaxCredentialsPerSession),
        contexts(ids, all_contexts, proto::kMaxContextsPerSession) {}

  const proto::SessionKey key;
  const std::uint64_t number;  ///< for people: the key is a secret
  const Client client;         ///< who opened it
  const std::int64_t since;    ///< UTC seconds
  HandleTable<Credential, Kind::credential> credentials;
  HandleTable<Context, Kind::context> contexts;
};

/// Every session of this worker.
class Sessions {
 public:
  explicit Sessions(std::uint8_t worker) : worker_(worker), ids_(worker) {}

  [[nodiscard]] std::shared_ptr<Session> open(Client client = {});
  /// Null: no such session, or it has as many connections as limits.h allows.
  [[nodiscard]] std::shared_ptr<Session> join(const proto::SessionKey& key);

  [[nodiscard]] std::vector<std::shared_ptr<Session>> all() const;

  /// Of all sessions together.
  [[nodiscard]] Allowance& credentials() { return credentials_; }
  [[nodiscard]] Allowance& contexts() { return contexts_; }

 private:
  void forget(std::uint64_t high);

  const std::uint8_t worker_;
  ObjectIds ids_;
  Allowance credentials_;
  Allowance contexts_;
  mutable std::mutex mutex_;
  std::uint64_t last_number_ = 0;
  std::unordered_map<std::uint64_t, std::weak_ptr<Session>> sessions_;  // by the key's `high`
};

}  // namespace sspid::worker
