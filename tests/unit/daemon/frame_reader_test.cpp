// However a client cuts its frames, they come out as it meant them, or the connection ends.
#include "daemon/worker/frame_reader.h"

#include <algorithm>
#include <cstdint>

#include <fcntl.h>
#include <sys/stat.h>

#include "proto/limits.h"
#include "socket_pair.h"

namespace sspid::worker {
namespace {

using test::frame_of;
using test::FrameBytes;
using test::send_bytes;
using Outcome = FrameReader::Outcome;

constexpr std::size_t kSmall = std::size_t{16} << 10;

FrameBytes bytes_of(Frame& frame) {
  return test::joined({proto::encode_header(frame.header), frame.table, frame.payload});
}

// A pipe: whoever still holds its writing end is seen at the reading one.
struct Pipe {
  proto::Descriptor reading;
  proto::Descriptor writing;

  Pipe() {
    std::array<int, 2> pipe{-1, -1};
    EXPECT_EQ(::pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK), 0);
    reading.reset(pipe[0]);
    writing.reset(pipe[1]);
  }

  [[nodiscard]] bool held_by_nobody() {
    writing.reset();
    char byte = 0;
    return ::read(reading.get(), &byte, 1) == 0;
  }

  [[nodiscard]] bool is(const proto::Descriptor& other) const {
    struct stat ours {};
    struct stat theirs {};
    return ::fstat(writing.get(), &ours) == 0 && ::fstat(other.get(), &theirs) == 0 && ours.st_ino == theirs.st_ino;
  }
};

class FrameReaderTest : public ::testing::Test {
 protected:
  void expect_frame(const FrameBytes& expected) {
    ASSERT_EQ(reader_->advance(), Outcome::frame);
    ASSERT_EQ(bytes_of(reader_->frame()), expected);
  }

  void expect_frame_and_release(const FrameBytes& expected) {
    ASSERT_NO_FATAL_FAILURE(expect_frame(expected));
    reader_->release();
  }

  void reconnect() {
    pair_ = test::SocketPair{};
    reader_.emplace(pair_.daemon.get());
  }

  test::SocketPair pair_;
  std::optional<FrameReader> reader_{std::in_place, pair_.daemon.get()};
};

TEST_F(FrameReaderTest, nothing_sent_is_no_frame_yet) {
  EXPECT_EQ(reader_->advance(), Outcome::wait);
  EXPECT_FALSE(reader_->begun());
}

TEST_F(FrameReaderTest, frame_in_one_piece) {
  const auto sent = frame_of(1, 40, 100);
  send_bytes(pair_.client, sent);
  expect_frame_and_release(sent);
  EXPECT_FALSE(reader_->begun());
  EXPECT_EQ(reader_->advance(), Outcome::wait);
}

TEST_F(FrameReaderTest, frame_without_table_or_payload) {
  for (const auto& sent : {frame_of(1, 0, 0), frame_of(2, 24, 0), frame_of(3, 0, 24)}) {
    send_bytes(pair_.client, sent);
    expect_frame_and_release(sent);
  }
}

TEST_F(FrameReaderTest, frame_cut_in_two_at_every_place) {
  const auto sent = frame_of(7, 24, 33);
  for (std::size_t cut = 1; cut < sent.size(); ++cut) {
    send_bytes(pair_.client, std::span{sent}.first(cut));
    ASSERT_EQ(reader_->advance(), Outcome::wait) << cut;
    ASSERT_TRUE(reader_->begun());
    send_bytes(pair_.client, std::span{sent}.subspan(cut));
    ASSERT_NO_FATAL_FAILURE(expect_frame_and_release(sent)) << cut;
  }
}

TEST_F(FrameReaderTest, frame_byte_by_byte) {
  const auto sent = frame_of(7, 24, 33);
  for (std::size_t i = 0; i + 1 < sent.size(); ++i) {
    send_bytes(pair_.client, std::span{sent}.subspan(i, 1));
    ASSERT_EQ(reader_->advance(), Outcome::wait) << i;
  }
  send_bytes(pair_.client, std::span{sent}.last(1));
  expect_frame_and_release(sent);
}

TEST_F(FrameReaderTest, pipelined_frames_come_one_by_one) {
  const auto first = frame_of(1, 8, 5);
  const auto second = frame_of(2, 0, 0);
  const auto third = frame_of(3, 100, 1000);
  send_bytes(pair_.client, test::joined({first, second, third}));
  expect_frame_and_release(first);
  EXPECT_TRUE(reader_->begun()) << "without another receive";
  expect_frame_and_release(second);
  expect_frame_and_release(third);
  EXPECT_EQ(reader_->advance(), Outcome::wait);
}

TEST_F(FrameReaderTest, pipelined_frames_cut_in_two_at_every_place) {
  const std::vector frames{frame_of(1, 8, 5), frame_of(2, 0, 0), frame_of(3, 16, 7)};
  const auto sent = test::joined({frames[0], frames[1], frames[2]});
  for (std::size_t cut = 1; cut < sent.size(); ++cut) {
    std::vector<FrameBytes> got;
    for (const auto piece : {std::span{sent}.first(cut), std::span{sent}.subspan(cut)}) {
      send_bytes(pair_.client, piece);
      while (reader_->advance() == Outcome::frame) {
        got.push_back(bytes_of(reader_->frame()));
        reader_->release();
      }
    }
    ASSERT_EQ(got, frames) << cut;
  }
}

TEST_F(FrameReaderTest, tables_are_aligned_also_behind_odd_frames) {
  const auto odd = frame_of(1, 3, 2);
  const auto next = frame_of(2, 16, 16);
  send_bytes(pair_.client, test::joined({odd, next}));
  expect_frame_and_release(odd);
  expect_frame(next);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(reader_->frame().table.data()) % 8, 0U);
}

TEST_F(FrameReaderTest, length_beyond_its_limit_is_malformed_and_takes_no_memory) {
  for (const proto::FrameHeader& header :
       {proto::FrameHeader{.table = proto::kMaxTable + 1}, proto::FrameHeader{.payload = proto::kMaxPayload + 1},
        proto::FrameHeader{.table = 0xFFFFFFFF, .payload = 0xFFFFFFFF}}) {
    reconnect();
    send_bytes(pair_.client, proto::encode_header(header));
    EXPECT_EQ(reader_->advance(), Outcome::malformed);
    EXPECT_EQ(reader_->capacity(), kSmall);
  }
}

TEST_F(FrameReaderTest, buffer_grows_to_the_frame_and_shrinks_behind_it) {
  const auto largest = frame_of(9, proto::kMaxTable, proto::kMaxPayload);
  const auto next = frame_of(10, 8, 8);
  const auto all = test::joined({largest, next});
  std::size_t sent = 0;
  auto outcome = Outcome::wait;
  while (outcome == Outcome::wait) {
    const auto more = ::send(pair_.client.get(), all.data() + sent, all.size() - sent, MSG_DONTWAIT);
    if (more > 0) sent += static_cast<std::size_t>(more);
    outcome = reader_->advance();
  }
  ASSERT_EQ(outcome, Outcome::frame);
  EXPECT_EQ(reader_->capacity(), largest.size());
  EXPECT_TRUE(bytes_of(reader_->frame()) == largest);
  reader_->release();
  EXPECT_EQ(reader_->capacity(), kSmall);
  if (sent < all.size()) send_bytes(pair_.client, std::span{all}.subspan(sent));
  expect_frame_and_release(next);
}

TEST_F(FrameReaderTest, frame_behind_a_large_one_survives_the_smaller_buffer) {
  // Both in the socket at once, the second larger than what a connection starts with.
  const auto first = frame_of(1, 8, 60'000);
  const auto second = frame_of(2, 8, 20'000);
  send_bytes(pair_.client, test::joined({first, second}));
  expect_frame_and_release(first);
  expect_frame_and_release(second);
}

TEST_F(FrameReaderTest, closing_between_frames_is_the_end) {
  const auto sent = frame_of(1, 8, 8);
  send_bytes(pair_.client, sent);
  pair_.client.reset();
  expect_frame_and_release(sent);
  EXPECT_EQ(reader_->advance(), Outcome::end);
}

TEST_F(FrameReaderTest, closing_with_an_answer_unread_is_told) {
  const auto sent = frame_of(1, 8, 8);
  send_bytes(pair_.client, sent);
  expect_frame_and_release(sent);
  send_bytes(pair_.daemon, frame_of(1, 8, 8));
  pair_.client.reset();
  EXPECT_EQ(reader_->advance(), Outcome::unread);
}

TEST_F(FrameReaderTest, closing_inside_a_frame_is_malformed) {
  const auto sent = frame_of(1, 8, 8);
  for (std::size_t cut = 1; cut < sent.size(); ++cut) {
    reconnect();
    send_bytes(pair_.client, std::span{sent}.first(cut));
    pair_.client.reset();
    ASSERT_EQ(reader_->advance(), Outcome::malformed) << cut;
  }
}

TEST_F(FrameReaderTest, descriptor_belongs_to_the_frame_with_whose_first_byte_it_came) {
  Pipe pipe;
  const auto sent = frame_of(1, 8, 8);
  send_bytes(pair_.client, sent, {pipe.writing.get()});
  expect_frame(sent);
  EXPECT_TRUE(pipe.is(reader_->frame().descriptor));
  EXPECT_EQ(::fcntl(reader_->frame().descriptor.get(), F_GETFD), FD_CLOEXEC);
  reader_->release();
  EXPECT_TRUE(pipe.held_by_nobody()) << "a descriptor that nobody took is closed with its frame";
}

TEST_F(FrameReaderTest, descriptor_stays_with_its_frame_wherever_that_is_cut) {
  const auto sent = frame_of(1, 8, 9);
  for (std::size_t cut = 1; cut < sent.size(); ++cut) {
    Pipe pipe;
    send_bytes(pair_.client, std::span{sent}.first(cut), {pipe.writing.get()});
    ASSERT_EQ(reader_->advance(), Outcome::wait);
    send_bytes(pair_.client, std::span{sent}.subspan(cut));
    ASSERT_NO_FATAL_FAILURE(expect_frame(sent)) << cut;
    ASSERT_TRUE(pipe.is(reader_->frame().descriptor)) << cut;
    reader_->release();
  }
}

TEST_F(FrameReaderTest, descriptor_finds_its_frame_among_pipelined_ones) {
  const std::vector frames{frame_of(1, 8, 3), frame_of(2, 0, 0), frame_of(3, 8, 8), frame_of(4, 16, 1)};
  for (std::size_t owner = 0; owner < frames.size(); ++owner) {
    Pipe pipe;
    for (std::size_t i = 0; i < frames.size(); ++i)
      send_bytes(pair_.client, frames[i], i == owner ? std::vector{pipe.writing.get()} : std::vector<int>{});
    for (std::size_t i = 0; i < frames.size(); ++i) {
      ASSERT_NO_FATAL_FAILURE(expect_frame(frames[i]));
      ASSERT_EQ(static_cast<bool>(reader_->frame().descriptor), i == owner) << "frame " << i << ", owner " << owner;
      reader_->release();
    }
  }
}

TEST_F(FrameReaderTest, each_pipelined_frame_gets_its_own_descriptor) {
  std::array<Pipe, 3> pipes;
  const std::vector frames{frame_of(1, 8, 3), frame_of(2, 0, 0), frame_of(3, 8, 8)};
  for (std::size_t i = 0; i < 3; ++i) send_bytes(pair_.client, frames[i], {pipes[i].writing.get()});
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_NO_FATAL_FAILURE(expect_frame(frames[i]));
    EXPECT_TRUE(pipes[i].is(reader_->frame().descriptor)) << i;
    reader_->release();
  }
}

TEST_F(FrameReaderTest, descriptor_in_the_middle_of_a_frame_is_malformed) {
  const auto sent = frame_of(1, 8, 8);
  for (std::size_t cut = 1; cut < sent.size(); ++cut) {
    Pipe pipe;
    reconnect();
    send_bytes(pair_.client, std::span{sent}.first(cut));
    ASSERT_EQ(reader_->advance(), Outcome::wait);
    send_bytes(pair_.client, std::span{sent}.subspan(cut), {pipe.writing.get()});
    ASSERT_EQ(reader_->advance(), Outcome::malformed) << cut;
    reader_.reset();
    ASSERT_TRUE(pipe.held_by_nobody()) << cut;
  }
}

TEST_F(FrameReaderTest, second_descriptor_for_a_frame_is_malformed) {
  const auto sent = frame_of(1, 8, 8);
  for (std::size_t cut = 1; cut < sent.size(); ++cut) {
    Pipe pipe;
    reconnect();
    send_bytes(pair_.client, std::span{sent}.first(cut), {pipe.writing.get()});
    ASSERT_EQ(reader_->advance(), Outcome::wait);
    send_bytes(pair_.client, std::span{sent}.subspan(cut), {pipe.writing.get()});
    ASSERT_EQ(reader_->advance(), Outcome::malformed) << cut;
    reader_.reset();
    ASSERT_TRUE(pipe.held_by_nobody()) << cut;
  }
}

TEST_F(FrameReaderTest, several_descriptors_at_once_are_malformed_and_closed) {
  for (const std::size_t count : {2U, 3U, 4U, 100U}) {
    Pipe pipe;
    reconnect();
    send_bytes(pair_.client, frame_of(1, 8, 8), std::vector<int>(count, pipe.writing.get()));
    EXPECT_EQ(reader_->advance(), Outcome::malformed) << count;
    EXPECT_TRUE(pipe.held_by_nobody()) << count;
  }
}

}  // namespace
}  // namespace sspid::worker
