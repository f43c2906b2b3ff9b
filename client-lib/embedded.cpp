#include "client-lib/embedded.h"

#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>

#include <poll.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client-lib/detached_process.h"
#include "client-lib/fork.h"
#include "client-lib/impersonation.h"
#include "client-lib/kept_descriptor.h"
#include "client-lib/standard_streams.h"

namespace sspi {

namespace proto = sspid::proto;

namespace {

// How long to wait for room on the pair before looking again whether it is still the one in use.
constexpr int kLookAgain = 50;  // ms

// Our end of the pair. Guarded by locks().embedded, and never destroyed: other threads may still call at exit.
struct Own {
  KeptDescriptor pair;
  uid_t user = 0;  ///< whose daemon it is: another user that the process has become is not served by it
};

Own& own() {
  static Own& the_one = *new Own;
  return the_one;
}

/// Both closed on exec, and above the standard streams.
struct Ends {
  proto::Descriptor ours;
  proto::Descriptor theirs;
};

// Nothing, with errno set.
std::optional<Ends> make_pair_of(int type) {
  int ends[2];
  if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0) return std::nullopt;
  proto::Descriptor first(ends[0]);
  proto::Descriptor second(ends[1]);
  Ends pair{above_standard_streams(std::move(first)), above_standard_streams(std::move(second))};
  if (!pair.ours || !pair.theirs) return std::nullopt;
  return pair;
}

// Until the daemon is executed its end of the pair is ours, too. A child that was forked meanwhile would inherit that
// and keep the pair alive without a daemon: hence fork() waits for the lock.
int start(Own& daemon) {
  // Never for a program whose caller has fewer rights: what that can set would decide what runs.
  if (getauxval(AT_SECURE) != 0) return EACCES;
  auto ends = make_pair_of(SOCK_SEQPACKET);
  if (!ends) return errno;
  if (const int error = start_detached(embedded_program(), "sspid", "--embedded", ends->theirs.get()); error != 0)
    return error;
  daemon.pair = KeptDescriptor(std::move(ends->ours));
  daemon.user = geteuid();
  return 0;
}

// 0 or an errno.
int pass(int pair, int descriptor) {
  char nothing = 0;
  iovec part{.iov_base = &nothing, .iov_len = sizeof nothing};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof descriptor)] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof descriptor);
  std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
  ssize_t sent;
  do {
    sent = sendmsg(pair, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? errno : 0;
}

struct Attempt {
  proto::Descriptor socket{};
  int error = 0;
  int full = -1;  ///< the pair, where its queue is
};

// Not longer than it takes to execute a program: the lock is one for which fork() waits.
Attempt attempt(Start when) {
  const std::lock_guard lock(locks().embedded);
  Own& daemon = own();
  bool started = false;
  if (!daemon.pair.is_ours() || daemon.user != geteuid()) {
    if (when == Start::never) return {.error = ECONNREFUSED};
    if (const int error = start(daemon); error != 0) return {.error = error};
    started = true;
  }
  auto ends = make_pair_of(SOCK_STREAM);
  if (!ends) return {.error = errno};
  int error = pass(daemon.pair.get(), ends->theirs.get());
  if (error == EAGAIN || error == ETOOMANYREFS) return {.error = EAGAIN, .full = daemon.pair.get()};
  if (error != 0 && when == Start::if_needed && !started) {
    if (error = start(daemon); error != 0) return {.error = error};
    error = pass(daemon.pair.get(), ends->theirs.get());
  }
  if (error != 0) return {.error = ECONNREFUSED};
  return {.socket = std::move(ends->ours)};
}

}  // namespace

proto::Descriptor connect_embedded(Pace pace, Start start, int& error) {
  const AsProcess as_process;
  for (;;) {
    Attempt made = attempt(start);
    error = made.error;
    if (made.full < 0 || pace == Pace::nonblocking) return std::move(made.socket);
    // Another thread may have put another pair in its place: then this is a short wait for nothing.
    pollfd room{.fd = made.full, .events = POLLOUT, .revents = 0};
    poll(&room, 1, kLookAgain);
  }
}

std::string embedded_program() {
  const char* named = secure_getenv("SSPI_DAEMON");
  return named != nullptr && *named != '\0' ? named : SSPID_PROGRAM;
}

}  // namespace sspi
