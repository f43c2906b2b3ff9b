// What bounds the objects of sessions: each session's own limit, and the allowance that all share.
#include "daemon/worker/handles.h"

#include <optional>

#include <gtest/gtest.h>

namespace sspid::worker {
namespace {

using Table = HandleTable<int, Kind::context>;

std::shared_ptr<int> object() { return std::make_shared<int>(1); }

TEST(Handles, limit_of_the_session_holds) {
  ObjectIds ids(0);
  Allowance allowance;
  Table table(ids, allowance, 2);
  const proto::Handle first = table.insert(object());
  (void)table.insert(object());
  EXPECT_THROW((void)table.insert(object()), std::bad_alloc);
  EXPECT_NE(table.remove(&first), nullptr);
  EXPECT_NO_THROW((void)table.insert(object()));
}

TEST(Handles, allowance_is_shared_and_given_back) {
  ObjectIds ids(0);
  Allowance allowance;
  allowance.limit(2);
  Table one(ids, allowance, 10);
  std::optional<Table> other(std::in_place, ids, allowance, 10);
  const proto::Handle first = one.insert(object());
  (void)other->insert(object());
  EXPECT_THROW((void)one.insert(object()), std::bad_alloc);
  EXPECT_EQ(allowance.used(), 2U);
  other.reset();  // a session ends
  EXPECT_EQ(allowance.used(), 1U);
  EXPECT_NO_THROW((void)one.insert(object()));
  EXPECT_NE(one.remove(&first), nullptr);
  EXPECT_EQ(one.remove(&first), nullptr);
  EXPECT_EQ(allowance.used(), 1U);
}

TEST(Handles, lowered_allowance_takes_nothing_away) {
  ObjectIds ids(0);
  Allowance allowance;
  Table table(ids, allowance, 10);
  const proto::Handle first = table.insert(object());
  (void)table.insert(object());
  allowance.limit(1);
  EXPECT_NE(table.find(&first), nullptr);
  EXPECT_THROW((void)table.insert(object()), std::bad_alloc);
}

}  // namespace
}  // namespace sspid::worker
