#include "client-lib/context_buffers.h"

#include <cstring>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace sspi {
namespace {

TEST(ContextBuffers, frees_what_was_handed_out_once) {
  ContextBuffer buffer(16);
  void* const memory = buffer.hand_out();
  ASSERT_NE(memory, nullptr);
  EXPECT_TRUE(free_context_buffer(memory));
  EXPECT_FALSE(free_context_buffer(memory));
}

TEST(ContextBuffers, gives_zeroed_memory_even_for_nothing) {
  ContextBuffer buffer(8);
  std::vector<char> zeros(8);
  EXPECT_EQ(std::memcmp(buffer.get(), zeros.data(), zeros.size()), 0);
  ContextBuffer nothing(0);
  EXPECT_NE(nothing.get(), nullptr);
}

TEST(ContextBuffers, knows_no_pointer_that_it_did_not_hand_out) {
  ContextBuffer buffer(16);
  EXPECT_FALSE(free_context_buffer(static_cast<char*>(buffer.get()) + 1));
  char local = 0;
  EXPECT_FALSE(free_context_buffer(&local));
  EXPECT_FALSE(free_context_buffer(reinterpret_cast<void*>(0x10)));
  EXPECT_FALSE(free_context_buffer(nullptr));
}

TEST(ContextBuffers, frees_itself_when_not_handed_out) {
  void* memory = nullptr;
  {
    ContextBuffer buffer(16);
    memory = buffer.get();
  }
  EXPECT_FALSE(free_context_buffer(memory));
}

TEST(ContextBuffers, serves_threads_at_once) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([] {
      for (int i = 0; i < 200; ++i) EXPECT_TRUE(free_context_buffer(ContextBuffer(32).hand_out()));
    });
}

}  // namespace
}  // namespace sspi
