// Reports reach their readers, and a reader that does not read holds up nobody.
#include "daemon/worker/reporter.h"

#include <array>
#include <atomic>
#include <optional>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

namespace sspid::worker {
namespace {

// As in the daemon, where a pipe that nobody reads any more is no reason to end.
[[maybe_unused]] const auto ignored = ::signal(SIGPIPE, SIG_IGN);

struct Pipe {
  proto::Descriptor reading, writing;
  Pipe() {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    reading.reset(ends[0]);
    writing.reset(ends[1]);
  }
  [[nodiscard]] std::string reads() const {
    std::string all;
    std::array<char, 65536> piece{};
    for (ssize_t got = 0; (got = ::read(reading.get(), piece.data(), piece.size())) > 0;)
      all.append(piece.data(), static_cast<std::size_t>(got));
    return all;
  }
};

TEST(Reporter, writes_a_report_to_each_who_asked_and_closes_it) {
  Reporter reporter([](const Sink& sink) { sink("all is well"); });
  for (int i = 0; i < 3; ++i) {
    Pipe pipe;
    reporter.write_to(std::move(pipe.writing));
    EXPECT_EQ(pipe.reads(), "all is well");
  }
}

TEST(Reporter, writes_more_than_a_pipe_holds) {
  const std::string piece(100'000, 'x');
  Reporter reporter([&](const Sink& sink) {
    for (int i = 0; i < 20; ++i)
      if (!sink(piece)) return;
  });
  Pipe pipe;
  reporter.write_to(std::move(pipe.writing));
  EXPECT_EQ(pipe.reads().size(), 20 * piece.size());
}

TEST(Reporter, stops_making_a_report_that_nobody_reads) {
  std::atomic<bool> stopped{false};
  const std::string piece(100'000, 'x');
  {
    Reporter reporter([&](const Sink& sink) {
      while (sink(piece)) {
      }
      stopped = true;
    });
    Pipe pipe;
    reporter.write_to(std::move(pipe.writing));
    pipe.reading.reset();
  }
  EXPECT_TRUE(stopped);
}

TEST(Reporter, ends_while_a_reader_does_not_read) {
  Pipe stuck;
  const std::string piece(1'000'000, 'x');
  {
    Reporter reporter([&](const Sink& sink) {
      while (sink(piece)) {
      }
    });
    reporter.write_to(std::move(stuck.writing));
    pollfd begun{stuck.reading.get(), POLLIN, 0};
    ::poll(&begun, 1, -1);
  }
  SUCCEED();
}

TEST(Reporter, drops_what_is_too_much) {
  Pipe stuck;
  const std::string piece(1'000'000, 'x');
  Reporter reporter([&](const Sink& sink) { sink(piece); });
  reporter.write_to(std::move(stuck.writing));
  std::array<Pipe, 20> more;
  for (Pipe& pipe : more) reporter.write_to(std::move(pipe.writing));
  EXPECT_EQ(more.back().reads(), "");  // closed, with nothing in it
}

}  // namespace
}  // namespace sspid::worker
