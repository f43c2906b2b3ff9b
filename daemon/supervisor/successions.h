// Sockets that take the places of others when the configuration is read again: all of them, or none. One thread, the
// event loop's.
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/supervisor/listener.h"

namespace sspid::supervisor {

class Successions {
 public:
  /// `places` are paths where somebody listens or is going to: who waits for their place waits at none of them.
  explicit Successions(std::set<std::string> places = {}) : places_(std::move(places)) {}

  /// Undoes what carry_out() did, unless commit() came.
  ~Successions();
  Successions(const Successions&) = delete;
  Successions& operator=(const Successions&) = delete;

  /// Listens at `place`. Where `former` listens there already it goes on doing so, and its successor listens beside it
  /// until carry_out(); an inherited socket, of which there is but one, they share. Throws as Listener does.
  [[nodiscard]] std::shared_ptr<Listener> listen(const asio::any_io_executor& executor, const SocketPlace& place,
                                                 const std::shared_ptr<Listener>& former = nullptr);

  /// Programs find the successors from now on. Throws std::runtime_error where one cannot be put in its place.
  void carry_out();

  /// It stays so.
  void commit() { carried_out_ = 0; }

 private:
  [[nodiscard]] std::string beside(const std::string& path);

  const std::set<std::string> places_;
  std::size_t ordinal_ = 0;
  std::vector<std::pair<std::shared_ptr<Listener>, std::shared_ptr<Listener>>> pairs_;  ///< successor, former
  std::size_t carried_out_ = 0;                                                         ///< the first so many
};

}  // namespace sspid::supervisor
