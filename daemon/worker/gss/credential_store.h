// The key-value pairs by which gss_acquire_cred_from is told where tickets, keys and passwords are. Each mechanism
// takes the pairs that it knows, so one store serves several at once.
//
// Values are borrowed and must outlive the acquisition. One thread at a time.
#pragma once

#include <array>
#include <cstddef>

#include <gssapi/gssapi_ext.h>

namespace sspid::worker::gss {

class CredentialStore {
 public:
  void add(const char* key, const char* value) { elements_[used_++] = {key, value}; }

  [[nodiscard]] gss_const_key_value_set_t get() {
    set_ = {static_cast<OM_uint32>(used_), elements_.data()};
    return &set_;
  }

 private:
  static constexpr std::size_t kRoom = 8;  // more than all mechanisms together have
  std::array<gss_key_value_element_desc, kRoom> elements_{};
  std::size_t used_ = 0;
  gss_key_value_set_desc set_{};
};

}  // namespace sspid::worker::gss
