// The one place where an exception becomes a status: nothing of C++ crosses the C interface.
#pragma once

#include <new>
#include <utility>

#include <cxxabi.h>

#include "client-lib/last_error.h"

namespace sspi {

template <class Call>
SECURITY_STATUS c_boundary(Call&& call) {
  try {
    return std::forward<Call>(call)();
  } catch (const std::bad_alloc&) {
    return failed(SEC_E_INSUFFICIENT_MEMORY, "out of memory");
  } catch (const abi::__forced_unwind&) {
    throw;  // pthread_cancel: swallowing it would end the process
  } catch (...) {
    return failed(SEC_E_INTERNAL_ERROR, "unexpected failure inside libsspi");
  }
}

}  // namespace sspi
