// The objects of one session by the handles that its client knows. A table belongs to one session, so a foreign or
// stale handle is simply not found. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <new>
#include <unordered_map>
#include <utility>
#include <vector>

#include <sys/random.h>

#include "proto/sspid_generated.h"

namespace sspid::worker {

/// Told apart by the low bits of the tag, so that one can never be taken for the other (E-137).
enum class Kind : std::uint64_t { credential = 1, context = 2 };

/// The next object id of this process: the worker's index in the top 8 bits, then a counter that is never used again.
class ObjectIds {
 public:
  explicit ObjectIds(std::uint8_t worker) : next_((std::uint64_t{worker} << 56) | 1) {}
  [[nodiscard]] std::uint64_t next() { return next_.fetch_add(1, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> next_;
};

/// How many objects of one kind all sessions together may hold: the identity's quota.
class Allowance {
 public:
  void limit(std::size_t most) { most_ = most; }
  [[nodiscard]] std::size_t used() const { return used_; }

  /// False where there are as many as there may be.
  [[nodiscard]] bool take() {
    if (used_.fetch_add(1, std::memory_order_relaxed) < most_.load(std::memory_order_relaxed)) return true;
    give_back(1);
    return false;
  }
  void give_back(std::size_t count) { used_.fetch_sub(count, std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> used_{0};
  std::atomic<std::size_t> most_{std::numeric_limits<std::size_t>::max()};
};

template <class T, Kind kKind>
class HandleTable {
 public:
  /// `limit` is the session's own.
  HandleTable(ObjectIds& ids, Allowance& allowance, std::size_t limit)
      : ids_(ids), allowance_(allowance), limit_(limit) {}
  HandleTable(const HandleTable&) = delete;
  HandleTable& operator=(const HandleTable&) = delete;
  ~HandleTable() { allowance_.give_back(entries_.size()); }

  /// Throws std::bad_alloc where the session or the identity already holds as many as it may.
  [[nodiscard]] proto::Handle insert(std::shared_ptr<T> object) {
    const proto::Handle handle(ids_.next(), random_tag());
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= limit_ || !allowance_.take()) throw std::bad_alloc();
    try {
      entries_.emplace(handle.id(), Entry{handle.tag(), std::move(object)});
    } catch (...) {
      allowance_.give_back(1);
      throw;
    }
    return handle;
  }

  /// Null where there is no such object, `handle` null included.
  [[nodiscard]] std::shared_ptr<T> find(const proto::Handle* handle) const {
    if (!handle) return nullptr;
    const std::lock_guard lock(mutex_);
    const auto entry = entries_.find(handle->id());
    if (entry == entries_.end() || entry->second.tag != handle->tag()) return nullptr;
    return entry->second.object;
  }

  /// Another object for the same handle; false where it does not name `expected` any more.
  bool replace(const proto::Handle* handle, const std::shared_ptr<T>& expected, std::shared_ptr<T> object) {
    const std::lock_guard lock(mutex_);
    const auto entry = entries_.find(handle->id());
    if (entry == entries_.end() || entry->second.tag != handle->tag() || entry->second.object != expected) return false;
    entry->second.object = std::move(object);
    return true;
  }

  /// The removed object, so that it ends outside the table's lock; null where there is none.
  std::shared_ptr<T> remove(const proto::Handle* handle) {
    if (!handle) return nullptr;
    const std::lock_guard lock(mutex_);
    const auto entry = entries_.find(handle->id());
    if (entry == entries_.end() || entry->second.tag != handle->tag()) return nullptr;
    std::shared_ptr<T> object = std::move(entry->second.object);
    entries_.erase(entry);
    allowance_.give_back(1);
    return object;
  }

  [[nodiscard]] std::vector<std::shared_ptr<T>> all() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<T>> objects;
    objects.reserve(entries_.size());
    for (const auto& [id, entry] : entries_) objects.push_back(entry.object);
    return objects;
  }

  /// The same with their ids. Without its tag an id opens nothing.
  [[nodiscard]] std::vector<std::pair<std::uint64_t, std::shared_ptr<T>>> all_by_id() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::pair<std::uint64_t, std::shared_ptr<T>>> objects;
    objects.reserve(entries_.size());
    for (const auto& [id, entry] : entries_) objects.emplace_back(id, entry.object);
    return objects;
  }

  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }

 private:
  struct Entry {
    std::uint64_t tag;
    std::shared_ptr<T> object;
  };

  static std::uint64_t random_tag() {
    std::uint64_t bits = 0;
    if (::getrandom(&bits, sizeof bits, 0) != sizeof bits) throw std::bad_alloc();
    return (bits & ~std::uint64_t{3}) | static_cast<std::uint64_t>(kKind);
  }

  ObjectIds& ids_;
  Allowance& allowance_;
  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, Entry> entries_;
};

}  // namespace sspid::worker
