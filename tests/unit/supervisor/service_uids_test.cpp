#include "daemon/supervisor/service_uids.h"

#include <gtest/gtest.h>

namespace sspid::supervisor {
namespace {

constexpr auto kNobody = [](const std::string&) -> uid_t { return 0; };

TEST(ServiceUids, each_service_has_one_of_its_own) {
  ServiceUids uids;
  uids.assign({"a", "b", "c"}, 100, 102, kNobody);
  EXPECT_NE(uids.of("a"), uids.of("b"));
  EXPECT_NE(uids.of("b"), uids.of("c"));
  EXPECT_NE(uids.of("a"), uids.of("c"));
  for (const char* service : {"a", "b", "c"}) {
    EXPECT_GE(uids.of(service), 100U);
    EXPECT_LE(uids.of(service), 102U);
  }
}

TEST(ServiceUids, service_that_stays_keeps_its_own) {
  ServiceUids uids;
  uids.assign({"b", "c"}, 100, 109, kNobody);
  const uid_t b = uids.of("b"), c = uids.of("c");
  uids.assign({"a", "b", "c", "d"}, 100, 109, kNobody);
  EXPECT_EQ(uids.of("b"), b);
  EXPECT_EQ(uids.of("c"), c);
}

TEST(ServiceUids, what_was_theirs_before_is_theirs_again) {
  ServiceUids uids;
  uids.assign({"a", "b"}, 100, 109, [](const std::string& name) -> uid_t { return name == "b" ? 105 : 0; });
  EXPECT_EQ(uids.of("b"), 105U);
  EXPECT_NE(uids.of("a"), 105U);
}

TEST(ServiceUids, two_never_get_the_same_whatever_the_folders_say) {
  ServiceUids uids;
  uids.assign({"a", "b"}, 100, 101, [](const std::string&) -> uid_t { return 100; });
  EXPECT_NE(uids.of("a"), uids.of("b"));
}

TEST(ServiceUids, owner_outside_the_range_counts_for_nothing) {
  ServiceUids uids;
  uids.assign({"a"}, 100, 101, [](const std::string&) -> uid_t { return 33; });
  EXPECT_GE(uids.of("a"), 100U);
}

TEST(ServiceUids, new_service_gets_one_that_nobody_had_if_it_can) {
  ServiceUids uids;
  uids.assign({"a"}, 100, 101, kNobody);
  const uid_t gone = uids.of("a");
  uids.assign({"b"}, 100, 101, kNobody);
  EXPECT_NE(uids.of("b"), gone) << "a worker of the service that is gone may still run";
  uids.assign({"b", "c"}, 100, 101, kNobody);
  EXPECT_EQ(uids.of("c"), gone) << "but there is no other now";
}

}  // namespace
}  // namespace sspid::supervisor
