#include "daemon/worker/sandbox/refusals.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <system_error>

#include <seccomp.h>
#include <signal.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

namespace sspid::worker::sandbox {

namespace {

// Numbers end well below this; what lies above shares the last place.
constexpr std::size_t kNumbers = 512;
constexpr int kBySeccomp = 1;  // SYS_SECCOMP of the kernel's siginfo

std::array<std::array<char, 24>, kNumbers> names;
std::array<std::atomic<bool>, kNumbers> told;
log::Format told_as = log::Format::text;
std::atomic<std::uint64_t> total{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<std::uint64_t>::is_always_lock_free);

struct Registers {
  std::array<unsigned long, 3> arguments;
  void fail(int error) const;
  ucontext_t& context;
};

#if defined(__x86_64__)
Registers registers_of(ucontext_t& context) {
  const auto& all = context.uc_mcontext.gregs;
  const auto at = [&](int index) { return static_cast<unsigned long>(all[index]); };
  return {{at(REG_RDI), at(REG_RSI), at(REG_RDX)}, context};
}
void Registers::fail(int error) const { context.uc_mcontext.gregs[REG_RAX] = -error; }
#elif defined(__aarch64__)
Registers registers_of(ucontext_t& context) {
  const auto& all = context.uc_mcontext.regs;
  return {{all[0], all[1], all[2]}, context};
}
void Registers::fail(int error) const { context.uc_mcontext.regs[0] = static_cast<unsigned long long>(-error); }
#else
#error "Say here in which registers this machine's system calls have their arguments and their result."
#endif

// A line of text made in a signal's handler: nothing that allocates, locks or formats.
class Line {
 public:
  Line& operator<<(std::string_view text) {
    for (const char c : text)
      if (size_ < text_.size()) text_[size_++] = c;
    return *this;
  }
  Line& number(unsigned long value, unsigned base = 10, std::size_t width = 1) {
    std::array<char, 20> digits;
    std::size_t first = digits.size();
    do digits[--first] = "0123456789abcdef"[value % base];
    while ((value /= base) != 0 || digits.size() - first < width);
    return *this << std::string_view{digits.data() + first, digits.size() - first};
  }
  // In UTC, as who asks for local time may wait for a lock.
  Line& now() {
    using namespace std::chrono;
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME, &time);
    const seconds since_epoch{time.tv_sec};
    const year_month_day date{floor<days>(sys_seconds{since_epoch})};
    const hh_mm_ss clock{since_epoch - floor<days>(since_epoch)};
    number(static_cast<unsigned>(int{date.year()}), 10, 4) << "-";
    number(unsigned{date.month()}, 10, 2) << "-";
    number(unsigned{date.day()}, 10, 2) << "T";
    number(static_cast<unsigned long>(clock.hours().count()), 10, 2) << ":";
    number(static_cast<unsigned long>(clock.minutes().count()), 10, 2) << ":";
    number(static_cast<unsigned long>(clock.seconds().count()), 10, 2) << ".";
    return number(static_cast<unsigned long>(time.tv_nsec) / 1'000'000, 10, 3);
  }
  void write() const {
    if (::write(STDERR_FILENO, text_.data(), size_) < 0) return;  // a log that nobody reads is no reason to end
  }

 private:
  std::array<char, 300> text_;
  std::size_t size_ = 0;
};

void tell(std::size_t place, unsigned long number, const Registers& registers) {
  const bool json = told_as == log::Format::json;
  Line line;
  (json ? line << R"({"time":")" : line).now();
  line << (json ? R"(+00:00","level":"warn","role":"worker","process":)" : "+0000 warn worker[");
  line.number(static_cast<unsigned long>(::getpid()));
  line << (json ? R"(,"message":")" : "] ") << "the sandbox refused system call ";
  line.number(number) << " " << std::string_view{names[place].data()} << "(";
  for (const char* separator = ""; const unsigned long argument : registers.arguments) {
    line << separator << "0x";
    line.number(argument, 16);
    separator = ", ";
  }
  line << (json ? ")\"}\n" : ")\n");
  line.write();
}

void refuse(int, siginfo_t* info, void* context) {
  if (info->si_code != kBySeccomp) return;
  const int error_before = errno;
  const auto number = static_cast<unsigned int>(info->si_syscall);
  const std::size_t place = std::min<std::size_t>(number, kNumbers - 1);
  const Registers registers = registers_of(*static_cast<ucontext_t*>(context));
  total.fetch_add(1, std::memory_order_relaxed);
  if (!told[place].exchange(true, std::memory_order_relaxed)) tell(place, number, registers);
  registers.fail(EPERM);
  errno = error_before;
}

// Names cannot be looked up by a signal's handler.
void learn_names() {
  struct Free {
    void operator()(char* text) const { std::free(text); }
  };
  for (std::size_t number = 0; number + 1 < kNumbers; ++number) {
    const std::unique_ptr<char, Free> name{
        ::seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, static_cast<int>(number))};
    if (name) std::strncpy(names[number].data(), name.get(), names[number].size() - 1);
  }
}

}  // namespace

void count_refusals(log::Format format) {
  told_as = format;
  learn_names();
  struct sigaction action {};
  action.sa_sigaction = refuse;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  ::sigfillset(&action.sa_mask);
  ::sigdelset(&action.sa_mask, SIGSYS);
  if (::sigaction(SIGSYS, &action, nullptr) != 0)
    throw std::system_error{errno, std::system_category(), "handling SIGSYS"};
}

std::uint64_t refusals() { return total.load(std::memory_order_relaxed); }

}  // namespace sspid::worker::sandbox
