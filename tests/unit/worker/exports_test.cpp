// What an exported context waits for, and how long.
#include "daemon/worker/exports.h"

#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "daemon/worker/context.h"

namespace sspid::worker {
namespace {

using namespace std::chrono_literals;

const Package& negotiate() { return *find_package("Negotiate"); }

std::shared_ptr<Context> some_context() {
  CredentialRequest request;
  request.package = &kerberos();
  return std::make_shared<Context>(Role::initiator, std::make_shared<Credential>(request));
}

class ExportsTest : public ::testing::Test {
 protected:
  // Whether the claim was good; what it was good for is in `delivered`.
  bool redeem(const Claim& claim, const Package& package = kerberos(), Exports::Clock::duration later = {}) {
    return exports.redeem(claim, package, now + later, [&](const std::shared_ptr<Context>& good) { delivered = good; });
  }

  const Exports::Clock::time_point now = Exports::Clock::now();
  Exports exports{7};
  std::shared_ptr<Context> context = some_context();
  std::shared_ptr<Context> delivered;
};

TEST_F(ExportsTest, claim_is_good_for_one_import) {
  const auto claim = exports.add(context, now);
  ASSERT_TRUE(claim);
  EXPECT_TRUE(redeem(*claim));
  EXPECT_EQ(delivered, context);
  EXPECT_FALSE(redeem(*claim));
  EXPECT_EQ(exports.size(), 0U);
}

TEST_F(ExportsTest, claim_names_its_worker) {
  const auto claim = exports.add(context, now);
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->id >> 56, 7U);
}

TEST_F(ExportsTest, each_bit_of_the_secret_counts) {
  const auto claim = exports.add(context, now);
  ASSERT_TRUE(claim);
  for (std::size_t bit = 0; bit < 8 * Claim::kSecret; ++bit) {
    Claim wrong = *claim;
    wrong.secret[bit / 8] ^= std::byte(1U << (bit % 8));
    EXPECT_FALSE(redeem(wrong)) << bit;
  }
  EXPECT_EQ(delivered, nullptr);
  EXPECT_TRUE(redeem(*claim));
}

TEST_F(ExportsTest, other_package_gets_nothing_and_uses_nothing_up) {
  const auto claim = exports.add(context, now);
  ASSERT_TRUE(claim);
  EXPECT_FALSE(redeem(*claim, negotiate()));
  EXPECT_TRUE(redeem(*claim));
}

TEST_F(ExportsTest, delivery_that_fails_uses_nothing_up) {
  const auto claim = exports.add(context, now);
  ASSERT_TRUE(claim);
  const auto fail = [](const std::shared_ptr<Context>&) { throw std::runtime_error("no room"); };
  EXPECT_THROW(static_cast<void>(exports.redeem(*claim, kerberos(), now, fail)), std::runtime_error);
  EXPECT_TRUE(redeem(*claim));
}

TEST_F(ExportsTest, claim_is_good_until_its_time_has_come) {
  constexpr std::chrono::seconds kLife{proto::kExportSeconds};
  const auto claim = exports.add(context, now);
  const auto another = exports.add(some_context(), now);
  ASSERT_TRUE(claim && another);
  EXPECT_TRUE(redeem(*claim, kerberos(), kLife - 1ns));
  EXPECT_FALSE(redeem(*another, kerberos(), kLife));
}

TEST_F(ExportsTest, what_nobody_claims_is_deleted) {
  constexpr std::chrono::seconds kLife{proto::kExportSeconds};
  const std::weak_ptr<Context> watched = context;
  const auto claim = exports.add(std::move(context), now);
  const auto younger = exports.add(some_context(), now + 1s);
  ASSERT_TRUE(claim && younger);
  exports.drop_overdue(now + kLife - 1ns);
  EXPECT_FALSE(watched.expired());
  exports.drop_overdue(now + kLife);
  EXPECT_TRUE(watched.expired());
  EXPECT_EQ(exports.size(), 1U);
  EXPECT_TRUE(redeem(*younger));
}

TEST_F(ExportsTest, withdrawn_claim_is_no_longer_good) {
  const auto claim = exports.add(context, now);
  ASSERT_TRUE(claim);
  exports.withdraw(*claim);
  EXPECT_FALSE(redeem(*claim));
}

TEST_F(ExportsTest, only_so_many_wait) {
  for (std::size_t i = 0; i < proto::kMaxExportedContexts; ++i) ASSERT_TRUE(exports.add(context, now)) << i;
  EXPECT_FALSE(exports.add(context, now));
  exports.drop_overdue(now + std::chrono::seconds(proto::kExportSeconds));
  EXPECT_TRUE(exports.add(context, now));
}

class PackedContext : public ExportsTest {
 protected:
  PackedContext() {
    const Secret bytes = pack(*exports.add(context, now));
    for (const char c : bytes.view()) packed.push_back(static_cast<std::byte>(c));
  }

  std::vector<std::byte> packed;
};

TEST_F(PackedContext, is_unpacked_as_it_was) {
  EXPECT_EQ(packed.size(), proto::kPackedContext);
  const auto claim = unpack(packed);
  ASSERT_TRUE(claim);
  EXPECT_TRUE(redeem(*claim));
}

TEST_F(PackedContext, of_another_length_is_refused) {
  for (std::size_t length = 0; length < packed.size(); ++length) {
    const std::vector<std::byte> cut(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(unpack(cut)) << length;
  }
  packed.push_back({});
  EXPECT_FALSE(unpack(packed));
}

TEST_F(PackedContext, with_any_byte_changed_is_worth_nothing) {
  for (std::byte& byte : packed) {
    const std::byte before = byte;
    byte ^= std::byte{0x10};
    const auto claim = unpack(packed);
    EXPECT_FALSE(claim && redeem(*claim)) << &byte - packed.data();
    byte = before;
  }
  EXPECT_TRUE(redeem(*unpack(packed)));
}

}  // namespace
}  // namespace sspid::worker
