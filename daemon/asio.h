// The one place where Boost.Asio comes in.
#pragma once

#include <utility>  // before Asio: some of its coroutine headers use std::exchange without including it

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sspid {

namespace asio = boost::asio;

/// A coroutine that awaits with this gets {error, result…} instead of an exception.
inline constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

}  // namespace sspid
