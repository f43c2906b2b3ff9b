// The asynchronous form of the calls. An SspiAsyncContext carries one call at a time as far as it goes without waiting,
// whenever a function of this library is called with it; what it waits for is behind one descriptor, an epoll instance,
// which the program polls. There is no thread.
//
// One thread at a time may use an SspiAsyncContext; only its bell is rung by others.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "client-lib/call.h"
#include "proto/descriptor.h"
#include "sspi_ext.h"

struct SspiAsyncContext final : public sspi::Bell {
 public:
  /// Null where the system gives no descriptor.
  [[nodiscard]] static std::unique_ptr<SspiAsyncContext> create();

  SspiAsyncContext() = default;
  SspiAsyncContext(const SspiAsyncContext&) = delete;
  SspiAsyncContext& operator=(const SspiAsyncContext&) = delete;
  ~SspiAsyncContext() { cancel(); }

  /// SEC_E_OK, or why no call may be started now.
  [[nodiscard]] SECURITY_STATUS availability();

  /// Begins the call. It may have ended already.
  void start(std::unique_ptr<sspi::Call> call);

  /// Carries the call on. Its status, SEC_I_ASYNC_CALL_PENDING as long as it has none.
  [[nodiscard]] SECURITY_STATUS status();

  /// The same, and calls back where the call has ended and that is due. Then this may be gone.
  [[nodiscard]] SECURITY_STATUS dispatch();

  [[nodiscard]] bool in_flight();

  /// Forgets the call, if there is one, and gives it up where it is in flight. Nothing of the caller's is touched any
  /// more.
  void cancel();

  [[nodiscard]] SECURITY_STATUS set_callback(SspiAsyncNotifyCallback callback, void* data);
  [[nodiscard]] bool has_callback() const { return callback_ != nullptr; }

  /// Readable when there is something to do.
  [[nodiscard]] int descriptor();

 private:
  void ring() noexcept override;
  void advance();
  void end(SECURITY_STATUS status);
  void remember(const char* text) noexcept;
  [[nodiscard]] SECURITY_STATUS report() const;
  [[nodiscard]] bool watch(const sspi::Wait& wait);
  void unwatch();
  void notice_fork();

  sspid::proto::Descriptor poll_;
  sspid::proto::Descriptor timer_;
  std::uint32_t generation_ = sspi::process_generation();
  int watched_ = -1;  // a descriptor in `poll_`

  std::unique_ptr<sspi::Call> call_;
  std::optional<sspi::Errand> errand_;  // while the call is in flight
  std::optional<SECURITY_STATUS> ended_;
  std::string text_;  // of a failure, for SspiGetLastErrorText

  SspiAsyncNotifyCallback callback_ = nullptr;
  void* callback_data_ = nullptr;
  bool callback_due_ = false;
};

namespace sspi {

/// Does something with a context that may be NULL.
template <class Do>
SECURITY_STATUS with(const SspiAsyncContext* context, Do&& what) {
  return c_boundary([&] {
    return context != nullptr ? what() : failed(SEC_E_INVALID_PARAMETER, "the asynchronous context is NULL");
  });
}

/// Starts a call that its caller does not wait for.
template <class SomeCall, class... Arguments>
SECURITY_STATUS start(SspiAsyncContext* context, Arguments&&... arguments) {
  return with(context, [&] {
    if (const SECURITY_STATUS status = context->availability(); status != SEC_E_OK) return status;
    context->start(std::make_unique<SomeCall>(std::forward<Arguments>(arguments)...));
    return SEC_E_OK;
  });
}

}  // namespace sspi
