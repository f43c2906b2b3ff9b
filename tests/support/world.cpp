#include "world.h"

#include <exception>
#include <memory>

#include <gtest/gtest.h>

namespace sspid::test {

namespace {

std::unique_ptr<World> the_world;
std::exception_ptr failure;

class EndOfWorld : public ::testing::Environment {
 public:
  void TearDown() override { the_world.reset(); }
};

}  // namespace

Realm::Options& realm_options() {
  static Realm::Options options;
  return options;
}

World::World() : realm(realm_options()), daemon(realm.environment()) { realm.enter(); }

World& world() {
  // What failed once would fail for every case, each after its own long wait.
  if (failure) std::rethrow_exception(failure);
  try {
    if (!the_world) the_world = std::make_unique<World>();
  } catch (...) {
    failure = std::current_exception();
    throw;
  }
  return *the_world;
}

}  // namespace sspid::test

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  ::testing::AddGlobalTestEnvironment(new sspid::test::EndOfWorld);
  return RUN_ALL_TESTS();
}
