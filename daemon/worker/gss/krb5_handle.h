// Owners of libkrb5 objects, for the few things that GSS-API cannot do: ticket caches in memory, keytabs, passwords.
//
// Every object must be released with the context it came from, so an owner keeps a pointer to that context: the
// Krb5Context outlives all of them. A krb5_context and everything made with it belong to one thread at a time.
#pragma once

#include <utility>

#include <krb5/krb5.h>

namespace sspid::worker::gss {

class Krb5Context {
 public:
  Krb5Context() = default;
  Krb5Context(Krb5Context&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}
  Krb5Context& operator=(Krb5Context&& other) noexcept {
    std::swap(context_, other.context_);
    return *this;
  }
  ~Krb5Context() { krb5_free_context(context_); }

  /// Reads krb5.conf; with an error the context stays empty.
  [[nodiscard]] krb5_error_code initialize() {
    krb5_free_context(std::exchange(context_, nullptr));
    return krb5_init_context(&context_);
  }

  /// Takes the configuration from this profile, which stays the caller's.
  [[nodiscard]] krb5_error_code initialize(struct _profile_t* profile) {
    krb5_free_context(std::exchange(context_, nullptr));
    return krb5_init_context_profile(profile, 0, &context_);
  }

  [[nodiscard]] krb5_context get() const { return context_; }
  explicit operator bool() const { return context_ != nullptr; }

 private:
  krb5_context context_ = nullptr;
};

/// Owns a pointer-like object of libkrb5. `Release` is the library's function for it.
template <typename Raw, auto Release>
class Krb5Owner {
 public:
  explicit Krb5Owner(const Krb5Context& context) : context_(context.get()) {}
  Krb5Owner(Krb5Owner&& other) noexcept : context_(other.context_), raw_(other.take()) {}
  Krb5Owner& operator=(Krb5Owner&& other) noexcept {
    if (this != &other) {
      reset();
      context_ = other.context_;
      raw_ = other.take();
    }
    return *this;
  }
  ~Krb5Owner() { reset(); }

  [[nodiscard]] Raw get() const { return raw_; }
  explicit operator bool() const { return raw_ != nullptr; }

  /// For functions that create: what was held before is released.
  [[nodiscard]] Raw* out() {
    reset();
    return &raw_;
  }

  [[nodiscard]] Raw take() { return std::exchange(raw_, nullptr); }

  void reset() {
    if (raw_ != nullptr) Release(context_, std::exchange(raw_, nullptr));
  }

 private:
  krb5_context context_;
  Raw raw_ = nullptr;
};

/// Owns what a structure of the caller's points to. `Release` frees the contents (and wipes keys), not the structure.
template <typename Struct, auto Release>
class Krb5Contents {
 public:
  explicit Krb5Contents(const Krb5Context& context) : context_(context.get()) {}
  Krb5Contents(Krb5Contents&& other) noexcept
      : context_(other.context_), contents_(std::exchange(other.contents_, Struct{})) {}
  Krb5Contents& operator=(Krb5Contents&& other) noexcept {
    if (this != &other) {
      reset();
      context_ = other.context_;
      contents_ = std::exchange(other.contents_, Struct{});
    }
    return *this;
  }
  ~Krb5Contents() { reset(); }

  [[nodiscard]] const Struct& get() const { return contents_; }
  [[nodiscard]] Struct* inout() { return &contents_; }
  [[nodiscard]] Struct* out() {
    reset();
    return &contents_;
  }

  void reset() {
    Release(context_, &contents_);
    contents_ = Struct{};
  }

 private:
  krb5_context context_;
  Struct contents_{};
};

/// A ticket cache that others also use: closing leaves its contents where they are.
using OpenCache = Krb5Owner<krb5_ccache, krb5_cc_close>;
/// A ticket cache of our own, in memory: its tickets end with the owner.
using OwnCache = Krb5Owner<krb5_ccache, krb5_cc_destroy>;
using KeytabHandle = Krb5Owner<krb5_keytab, krb5_kt_close>;
using Principal = Krb5Owner<krb5_principal, krb5_free_principal>;
using UnparsedName = Krb5Owner<char*, krb5_free_unparsed_name>;
using ErrorText = Krb5Owner<const char*, krb5_free_error_message>;
using InitialOptions = Krb5Owner<krb5_get_init_creds_opt*, krb5_get_init_creds_opt_free>;
using Ticket = Krb5Owner<krb5_ticket*, krb5_free_ticket>;
using DefaultRealm = Krb5Owner<char*, krb5_free_default_realm>;
using Creds = Krb5Contents<krb5_creds, krb5_free_cred_contents>;
using KeytabEntry = Krb5Contents<krb5_keytab_entry, krb5_free_keytab_entry_contents>;
using Krb5Data = Krb5Contents<krb5_data, krb5_free_data_contents>;

}  // namespace sspid::worker::gss
