// Owners of GSS-API objects: each releases what it holds, exactly once, when it goes out of scope. Buffers that came
// from GSS-API may hold keys or plaintext and are wiped before they are given back.
//
// An owner is as thread-safe as a pointer: one thread at a time. What it owns may be shared (libgssapi locks
// credentials itself), the owner may not.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <string.h>

namespace sspid::worker::gss {

/// Owns one GSS handle. `Release` takes the place of the handle and leaves nothing there.
template <typename Raw, void (*Release)(Raw*)>
class Owner {
 public:
  Owner() = default;
  explicit Owner(Raw raw) : raw_(raw) {}
  Owner(Owner&& other) noexcept : raw_(other.take()) {}
  Owner& operator=(Owner&& other) noexcept {
    if (this != &other) {
      reset();
      raw_ = other.take();
    }
    return *this;
  }
  ~Owner() { reset(); }

  [[nodiscard]] Raw get() const { return raw_; }
  explicit operator bool() const { return raw_ != nullptr; }

  /// For functions that create: what was held before is released.
  [[nodiscard]] Raw* out() {
    reset();
    return &raw_;
  }

  /// For functions that change the handle in place, as gss_init_sec_context does.
  [[nodiscard]] Raw* inout() { return &raw_; }

  /// Gives the handle up without releasing it.
  [[nodiscard]] Raw take() { return std::exchange(raw_, nullptr); }

  void reset() {
    if (raw_ != nullptr) Release(&raw_);
    raw_ = nullptr;
  }

 private:
  Raw raw_ = nullptr;
};

namespace detail {

/// Most releasing functions of GSS-API have one shape; the minor status of a release tells nothing anybody could act
/// on.
template <typename Raw, OM_uint32 (*Function)(OM_uint32*, Raw*)>
void release(Raw* raw) {
  OM_uint32 minor = 0;
  Function(&minor, raw);
}

inline void release_context(gss_ctx_id_t* context) {
  OM_uint32 minor = 0;
  gss_delete_sec_context(&minor, context, GSS_C_NO_BUFFER);
}

inline void wipe_and_release(gss_buffer_set_t* set) {
  for (std::size_t i = 0; i < (*set)->count; ++i) explicit_bzero((*set)->elements[i].value, (*set)->elements[i].length);
  release<gss_buffer_set_t, gss_release_buffer_set>(set);
}

}  // namespace detail

using Context = Owner<gss_ctx_id_t, detail::release_context>;
using Credential = Owner<gss_cred_id_t, detail::release<gss_cred_id_t, gss_release_cred>>;
using Name = Owner<gss_name_t, detail::release<gss_name_t, gss_release_name>>;
using OidSet = Owner<gss_OID_set, detail::release<gss_OID_set, gss_release_oid_set>>;
using BufferSet = Owner<gss_buffer_set_t, detail::wipe_and_release>;

/// A buffer that GSS-API allocated: a token, a name, a plaintext.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept : buffer_(other.take()) {}
  Buffer& operator=(Buffer&& other) noexcept {
    if (this != &other) {
      reset();
      buffer_ = other.take();
    }
    return *this;
  }
  ~Buffer() { reset(); }

  [[nodiscard]] gss_buffer_t out() {
    reset();
    return &buffer_;
  }

  [[nodiscard]] bool empty() const { return buffer_.length == 0; }
  [[nodiscard]] std::size_t size() const { return buffer_.length; }
  [[nodiscard]] std::span<const std::byte> bytes() const {
    return {static_cast<const std::byte*>(buffer_.value), buffer_.length};
  }
  [[nodiscard]] std::string_view text() const { return {static_cast<const char*>(buffer_.value), buffer_.length}; }

  void reset() {
    if (buffer_.value == nullptr) return;
    explicit_bzero(buffer_.value, buffer_.length);
    detail::release<gss_buffer_desc, gss_release_buffer>(&buffer_);
    buffer_ = {};
  }

 private:
  gss_buffer_desc take() { return std::exchange(buffer_, gss_buffer_desc{}); }

  gss_buffer_desc buffer_{};
};

/// A view of memory of ours as an input of GSS-API, which takes such inputs as non-const but does not write to them.
/// The memory must outlive the use.
[[nodiscard]] inline gss_buffer_desc borrow(std::span<const std::byte> bytes) {
  return {bytes.size(), const_cast<std::byte*>(bytes.data())};
}
[[nodiscard]] inline gss_buffer_desc borrow(std::string_view text) {
  return {text.size(), const_cast<char*>(text.data())};
}

}  // namespace sspid::worker::gss
