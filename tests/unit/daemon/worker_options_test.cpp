#include "daemon/worker_options.h"

#include <gtest/gtest.h>

namespace sspid {
namespace {

std::optional<WorkerOptions> read(const std::vector<std::string>& words) {
  std::vector<const char*> pointers;
  for (const std::string& word : words) pointers.push_back(word.c_str());
  return worker_options_of(pointers);
}

// A command line that is right, but for what follows.
std::vector<std::string> with(const std::string& word) {
  auto words = command_line_of({});
  words.push_back(word);
  return words;
}

TEST(WorkerOptions, are_read_as_they_were_written) {
  const WorkerOptions all{.uid = 60'800,
                          .gid = 4294967294,
                          .named_caches = true,
                          .half_open_seconds = 7,
                          .log_level = "trace",
                          .log_format = log::Format::json,
                          .trail = log::Trail::none};
  EXPECT_EQ(read(command_line_of(all)), all);
  EXPECT_EQ(read(command_line_of({})), WorkerOptions{});
}

TEST(WorkerOptions, of_another_version_are_not_read) {
  auto words = command_line_of({});
  words.front() += ".1";
  EXPECT_FALSE(read(words));
  words.erase(words.begin());
  EXPECT_FALSE(read(words));
  EXPECT_FALSE(read({}));
}

TEST(WorkerOptions, are_those_or_none) {
  EXPECT_TRUE(read(with("--uid=1")));
  for (const char* word :
       {"", "1", "--worker", "--uid", "--uid=", "--uid=-1", "--uid=1x", "--uid= 1", "--uid=4294967296", "--gid=root",
        "--named-caches=1", "--named-cachesx", "--half-open-seconds=", "--log-level=loud", "--log-format=json"})
    EXPECT_FALSE(read(with(word))) << word;
}

}  // namespace
}  // namespace sspid
