#include "client-lib/async_call.h"

#include <cerrno>
#include <new>
#include <utility>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include "client-lib/standard_streams.h"

namespace proto = sspid::proto;

namespace {

// Always readable: what makes the descriptor of a context readable when it is in there. One for all; nobody reads it.
int always_readable() {
  static const int descriptor = sspi::above_standard_streams(proto::Descriptor(eventfd(1, EFD_CLOEXEC))).release();
  return descriptor;
}

bool add(int poll, int descriptor, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  return epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) == 0 || errno == EEXIST;
}

proto::Descriptor new_poll() { return sspi::above_standard_streams(proto::Descriptor(epoll_create1(EPOLL_CLOEXEC))); }

}  // namespace

std::unique_ptr<SspiAsyncContext> SspiAsyncContext::create() {
  auto context = std::make_unique<SspiAsyncContext>();
  context->poll_ = new_poll();
  return context->poll_ && always_readable() >= 0 ? std::move(context) : nullptr;
}

SECURITY_STATUS SspiAsyncContext::availability() {
  notice_fork();
  if (!poll_) return sspi::failed(SEC_E_INSUFFICIENT_MEMORY, "there is no descriptor for the asynchronous context");
  if (!errand_ && !callback_due_) return SEC_E_OK;
  return sspi::failed(SEC_E_INVALID_PARAMETER, "the asynchronous context's last call has not ended");
}

void SspiAsyncContext::start(std::unique_ptr<sspi::Call> call) {
  unwatch();
  ended_.reset();
  call_ = std::move(call);
  errand_.emplace(*call_, this);
  callback_due_ = callback_ != nullptr;
  advance();
  if (ended_) ring();
}

SECURITY_STATUS SspiAsyncContext::status() {
  notice_fork();
  advance();
  if (ended_ && callback_due_) ring();
  return report();
}

SECURITY_STATUS SspiAsyncContext::dispatch() {
  notice_fork();
  advance();
  const SECURITY_STATUS status = report();
  if (ended_ && std::exchange(callback_due_, false)) callback_(this, callback_data_);
  return status;
}

void SspiAsyncContext::cancel() {
  notice_fork();
  unwatch();
  if (errand_) errand_->cancel();
  errand_.reset();
  call_.reset();
  ended_.reset();
  callback_due_ = false;
}

SECURITY_STATUS SspiAsyncContext::set_callback(SspiAsyncNotifyCallback callback, void* data) {
  if (const SECURITY_STATUS status = availability(); status != SEC_E_OK) return status;
  callback_ = callback;
  callback_data_ = data;
  return SEC_E_OK;
}

bool SspiAsyncContext::in_flight() {
  notice_fork();
  return errand_.has_value();
}

int SspiAsyncContext::descriptor() {
  notice_fork();
  return poll_.get();
}

// Nobody rings but while the call waits for the bell: who rings has a lock without which the wait cannot end.
void SspiAsyncContext::ring() noexcept { add(poll_.get(), always_readable(), EPOLLIN); }

void SspiAsyncContext::advance() {
  unwatch();
  if (!errand_) return;
  const SECURITY_STATUS status = sspi::c_boundary([&] {
    sspi::Wait wait;
    if (const auto ended = errand_->advance(sspi::Pace::nonblocking, wait)) return *ended;
    if (watch(wait)) return SEC_I_ASYNC_CALL_PENDING;
    errand_->cancel();
    call_->clear_outputs();
    return sspi::failed(SEC_E_INSUFFICIENT_MEMORY, "the system watches no more descriptors");
  });
  if (status != SEC_I_ASYNC_CALL_PENDING) end(status);
}

void SspiAsyncContext::end(SECURITY_STATUS status) {
  ended_ = status;
  errand_.reset();
  call_.reset();
  remember(SEC_SUCCESS(status) ? "" : sspi::last_error_text());
}

void SspiAsyncContext::remember(const char* text) noexcept {
  try {
    text_ = text;
  } catch (const std::bad_alloc&) {
    text_.clear();
  }
}

// A failure is told to the thread that asks, which may have failed at something else since.
SECURITY_STATUS SspiAsyncContext::report() const {
  if (errand_) return SEC_I_ASYNC_CALL_PENDING;
  if (!ended_) return sspi::failed(SEC_E_INVALID_PARAMETER, "the asynchronous context has made no call");
  return SEC_SUCCESS(*ended_) ? *ended_ : sspi::failed(*ended_, text_);
}

bool SspiAsyncContext::watch(const sspi::Wait& wait) {
  using For = sspi::Wait::For;
  if (wait.what == For::time) {
    if (!timer_) timer_ = sspi::above_standard_streams(proto::Descriptor(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)));
    itimerspec end{};
    end.it_value = {.tv_sec = wait.pause.count() / 1000, .tv_nsec = (wait.pause.count() % 1000) * 1'000'000};
    if (!timer_ || timerfd_settime(timer_.get(), 0, &end, nullptr) != 0) return false;
  }
  if (wait.what == For::bell) return true;
  watched_ = wait.what == For::time ? timer_.get() : wait.socket;
  return add(poll_.get(), watched_, wait.what == For::writable ? EPOLLOUT : EPOLLIN);
}

// Explicitly, before a watched socket is closed or used by another call: where a forked child has it open too, closing
// it here would leave it in there.
void SspiAsyncContext::unwatch() {
  epoll_ctl(poll_.get(), EPOLL_CTL_DEL, always_readable(), nullptr);
  if (watched_ >= 0) epoll_ctl(poll_.get(), EPOLL_CTL_DEL, watched_, nullptr);
  watched_ = -1;
}

// In a child the call in flight is the parent's, and the descriptor shows what the parent's shows.
void SspiAsyncContext::notice_fork() {
  const std::uint32_t self = sspi::process_generation();
  if (generation_ == self) return;
  generation_ = self;
  watched_ = -1;
  timer_.reset();
  poll_ = new_poll();
  callback_due_ = false;
  if (!errand_) return;
  errand_->forget();
  errand_.reset();
  call_.reset();
  ended_ = SEC_E_INVALID_HANDLE;
  remember("the call that was in flight is the parent process's");
}

SspiAsyncContext* SspiCreateAsyncContext(void) {
  try {
    return SspiAsyncContext::create().release();
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void SspiFreeAsyncContext(SspiAsyncContext* Handle) { delete Handle; }

SECURITY_STATUS SspiReinitAsyncContext(SspiAsyncContext* Handle) {
  return sspi::with(Handle, [&] {
    const SECURITY_STATUS status = Handle->availability();
    if (status == SEC_E_OK) Handle->cancel();
    return status;
  });
}

SECURITY_STATUS SspiSetAsyncNotifyCallback(SspiAsyncContext* Context, SspiAsyncNotifyCallback Callback,
                                           void* CallbackData) {
  return sspi::with(Context, [&] { return Context->set_callback(Callback, CallbackData); });
}

BOOLEAN SspiAsyncContextRequiresNotify(SspiAsyncContext* AsyncContext) {
  return AsyncContext != nullptr && AsyncContext->has_callback() ? 1 : 0;
}

SECURITY_STATUS SspiGetAsyncCallStatus(SspiAsyncContext* Handle) {
  return sspi::with(Handle, [&] { return Handle->status(); });
}

SECURITY_STATUS SspiDispatchAsyncCall(SspiAsyncContext* Handle) {
  return sspi::with(Handle, [&] { return Handle->dispatch(); });
}

int SspiGetAsyncDescriptor(SspiAsyncContext* Handle) { return Handle == nullptr ? -1 : Handle->descriptor(); }

BOOLEAN SspiCancelAsyncCall(SspiAsyncContext* Handle) {
  if (Handle == nullptr || !Handle->in_flight()) return 0;
  Handle->cancel();
  return 1;
}
