// All connections of a worker: how many there may be, and how long one may keep the worker waiting in the middle of a
// frame or an answer. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>

#include "daemon/log.h"

namespace sspid::worker {

class Connections {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Connections(std::size_t limit) : limit_(limit) {}

  /// How many there may be from now on, and whether that is the identity's quota. Any thread.
  void limit(std::size_t limit, bool by_quota = false) {
    limit_ = limit;
    limited_by_quota_ = by_quota;
  }

 private:
  struct Entry {
    explicit Entry(int open_socket) : socket(open_socket) {}
    const int socket;
    std::atomic<Clock::time_point> deadline{Clock::time_point::max()};
  };
  using Entries = std::list<Entry>;

 public:
  /// The place of one connection, held from before its first byte until just before its socket is closed.
  class Place {
   public:
    Place(Place&& other) noexcept : connections_(other.connections_), entry_(other.entry_) {
      other.connections_ = nullptr;
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place();

    /// From now on the client has until `deadline`; then the connection is cut, and whoever waits for its socket wakes
    /// up.
    void limit(Clock::time_point deadline) { entry_->deadline = deadline; }
    void unlimit() { entry_->deadline = Clock::time_point::max(); }

   private:
    friend class Connections;
    Place(Connections& connections, Entries::iterator entry) : connections_(&connections), entry_(entry) {}
    Connections* connections_;
    Entries::iterator entry_;
  };

  /// Nothing when there are as many connections as there may be, and once drain() was called.
  [[nodiscard]] std::optional<Place> enter(int socket);

  /// Lets every connection end as if its client had sent all that it wants to: what was sent is answered, nothing more
  /// comes. `drained` is called once, when the last one has left, by the thread on which it does; at once where there
  /// is none.
  void drain(std::function<void()> drained);
  [[nodiscard]] bool draining() const;

  /// Cuts the connections whose time is up. Called now and then.
  void cut_overdue(Clock::time_point now);

  /// Counts a connection that ended over a malformed frame; what to do about the log is as Throttle says.
  [[nodiscard]] std::optional<std::uint64_t> count_malformed();

  /// Connections that were turned away because there are as many as there may be.
  struct TurnedAway {
    bool by_quota;
    std::optional<std::uint64_t> held_back;  ///< as Throttle says
  };
  TurnedAway count_turned_away();
  /// Those since it was asked last, by the quota or not.
  [[nodiscard]] std::uint32_t take_turned_away(bool by_quota) { return turned_away_[by_quota].exchange(0); }
  /// Nobody could be told of these.
  void give_back_turned_away(bool by_quota, std::uint32_t connections) { turned_away_[by_quota] += connections; }

  [[nodiscard]] std::uint64_t malformed() const { return malformed_; }
  [[nodiscard]] std::size_t size() const;

 private:
  std::atomic<std::size_t> limit_;
  std::atomic<bool> limited_by_quota_{false};
  mutable std::mutex mutex_;
  Entries entries_;
  std::function<void()> drained_;  ///< set: draining
  std::atomic<std::uint64_t> malformed_{0};
  log::Throttle malformed_lines_;
  std::array<std::atomic<std::uint32_t>, 2> turned_away_{};
  log::Throttle turned_away_lines_;
};

}  // namespace sspid::worker
