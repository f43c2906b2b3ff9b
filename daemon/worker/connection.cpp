#include "daemon/worker/connection.h"

#include <chrono>
#include <exception>
#include <optional>

#include <poll.h>
#include <spdlog/spdlog.h>

#include "daemon/refusal.h"
#include "daemon/worker/audit.h"
#include "daemon/worker/dispatch.h"
#include "daemon/worker/frame_reader.h"
#include "daemon/worker/frame_writer.h"

namespace sspid::worker {

namespace {

using namespace std::chrono_literals;
using Socket = asio::posix::stream_descriptor;

// A frame that has begun must be complete, and an answer taken, within this time. Clients are on this host.
constexpr auto kPatience = 30s;

constexpr auto kReadable = asio::posix::descriptor_base::wait_read;
constexpr auto kWritable = asio::posix::descriptor_base::wait_write;

auto deadline() { return Connections::Clock::now() + kPatience; }

asio::awaitable<FrameReader::Outcome> read_frame(Socket& socket, FrameReader& reader, Connections::Place& place) {
  // Clients await each answer, so nothing is here yet as a rule: looking before waiting would be a receive for nothing.
  if (!reader.begun()) co_await socket.async_wait(kReadable, asio::use_awaitable);
  auto outcome = reader.advance();
  if (outcome != FrameReader::Outcome::wait) co_return outcome;

  bool limited = false;
  while (outcome == FrameReader::Outcome::wait) {
    if (reader.begun() && !std::exchange(limited, true)) place.limit(deadline());
    co_await socket.async_wait(kReadable, asio::use_awaitable);
    outcome = reader.advance();
  }
  place.unlimit();
  co_return outcome;
}

// False when the client is gone.
asio::awaitable<bool> write_answer(Socket& socket, const Answer& answer, Connections::Place& place) {
  FrameWriter writer{socket.native_handle(), answer.parts()};
  auto outcome = writer.advance();
  if (outcome != FrameWriter::Outcome::wait) co_return outcome == FrameWriter::Outcome::sent;

  place.limit(deadline());
  while (outcome == FrameWriter::Outcome::wait) {
    co_await socket.async_wait(kWritable, asio::use_awaitable);
    outcome = writer.advance();
  }
  place.unlimit();
  co_return outcome == FrameWriter::Outcome::sent;
}

// Whether the client has closed its end, so that nobody is there to take an answer.
bool is_gone(Socket& socket) {
  pollfd watched{.fd = socket.native_handle(), .events = 0, .revents = 0};
  return ::poll(&watched, 1, 0) == 1 && (watched.revents & (POLLHUP | POLLERR)) != 0;
}

// Nothing: the frame is malformed, or the client left before its call had a thread.
asio::awaitable<std::optional<Answer>> carry_out(Dispatcher& dispatcher, Frame& frame, Socket& socket,
                                                 WaitingThreads& pool) {
  const auto where = dispatcher.admit(frame);
  if (!where) co_return std::nullopt;
  std::optional<Answer> answer;
  if (*where == Where::event_loop) answer = dispatcher.answer(frame, Where::event_loop);
  if (answer) co_return answer;

  const auto event_loop = co_await asio::this_coro::executor;
  {
    const WaitingThreads::Claim thread{pool};
    co_await asio::post(asio::bind_executor(pool.context(), asio::use_awaitable));
    if (proto::is_one_way(frame.header.opcode) || !is_gone(socket)) answer = dispatcher.answer(frame, Where::pool);
  }
  co_await asio::post(asio::bind_executor(event_loop, asio::use_awaitable));
  co_return answer;
}

// Who asks for more than policy allows is not read from meanwhile: they wait, and their socket fills.
asio::awaitable<void> await_turn(RequestRate& rate) {
  const auto wait = rate.admit(RequestRate::Clock::now());
  if (wait == RequestRate::Clock::duration::zero()) co_return;
  asio::steady_timer timer{co_await asio::this_coro::executor, wait};
  co_await timer.async_wait(asio::use_awaitable);
}

Client client_of(const Peer& peer) { return {peer.uid, peer.pid, peer.unit, peer.executable}; }

// Whether the client has just left; false: it broke the protocol.
asio::awaitable<bool> talk(Surroundings surroundings, const Peer& peer, Socket& socket, Connections::Place& place) {
  FrameReader reader{socket.native_handle()};
  Dispatcher dispatcher{surroundings.worker, client_of(peer)};
  std::optional<Caller> caller;
  for (bool said_hello = false;; said_hello = true) {
    const auto outcome = co_await read_frame(socket, reader, place);
    if (outcome == FrameReader::Outcome::unread) dispatcher.take_back();
    if (outcome == FrameReader::Outcome::malformed) co_return false;
    if (outcome != FrameReader::Outcome::frame) co_return true;
    if (surroundings.rate.is_limited()) co_await await_turn(surroundings.rate);
    if (said_hello && !caller) caller.emplace(surroundings.loop);  // a client's anchor never gets here
    auto answer = co_await carry_out(dispatcher, reader.frame(), socket, surroundings.pool);
    if (!answer) co_return is_gone(socket);
    if (!co_await write_answer(socket, *answer, place)) {
      dispatcher.take_back();
      co_return true;
    }
    answer.reset();  // it refers to the frame
    reader.release();
  }
}

// The supervisor counts it, and learns of it from time to time: process.cpp.
void turn_away(const Surroundings& surroundings, const Peer& peer, int socket) {
  if (surroundings.connections.draining()) return refuse(socket, proto::Refusal::shutting_down);
  const auto turned_away = surroundings.connections.count_turned_away();
  refuse(socket, proto::Refusal::too_many);
  if (!turned_away.held_back) return;
  const auto grant = surroundings.worker.grant();
  audit::note_refusal(client_of(peer), *grant, grant->rule_of_turned_away(turned_away.by_quota),
                      *turned_away.held_back);
}

}  // namespace

asio::awaitable<void> serve(Surroundings surroundings, Peer peer, proto::Descriptor descriptor) {
  Connections& connections = surroundings.connections;
  Socket socket{co_await asio::this_coro::executor, descriptor.release()};
  auto place = connections.enter(socket.native_handle());  // goes before the socket does
  if (!place) co_return turn_away(surroundings, peer, socket.native_handle());
  try {
    if (co_await talk(surroundings, peer, socket, *place)) co_return;
    if (const auto held_back = connections.count_malformed())
      spdlog::warn("connection of process {} of user {} ended: malformed frame ({} more not shown)", peer.pid, peer.uid,
                   *held_back);
  } catch (const std::exception& error) {
    spdlog::error("connection of process {} of user {} ended: {}", peer.pid, peer.uid, error.what());
  }
}

}  // namespace sspid::worker
