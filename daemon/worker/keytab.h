// The keys with which this worker accepts: a copy in memory of the keytab that the supervisor passed. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "daemon/worker/gss/krb5_handle.h"
#include "daemon/worker/outcome.h"
#include "proto/descriptor.h"

namespace sspid {
struct KeytabFileEntry;
}

namespace sspid::worker {

/// One version of the keytab, as a MEMORY keytab that GSS credentials resolve by name(); it must outlive them.
class Keys {
 public:
  /// Throws std::bad_alloc; what was in force stays.
  static Outcome load(const proto::Descriptor& file, std::shared_ptr<const Keys>& keys);

  /// A keytab file of which nobody knows who wrote it: libkrb5 gets the keys alone.
  static Outcome load(std::span<const std::byte> file, std::shared_ptr<const Keys>& keys);

  /// All keys or, with a principal, that principal's.
  struct Part {
    const Keys& keys;
    const std::string& principal;
  };
  static Outcome join(const Part& first, const Part& second, std::shared_ptr<const Keys>& keys);

  [[nodiscard]] const std::string& name() const { return name_; }  ///< "MEMORY:…"

  /// Whether there is a key of this principal, in the default realm where it names none.
  [[nodiscard]] bool holds(const std::string& principal) const;

  /// With its realm, the default one where it names none. As it is where it is no principal's name.
  [[nodiscard]] std::string with_realm(const std::string& principal) const;

  [[nodiscard]] const std::string& first_principal() const { return first_principal_; }  ///< empty: there are no keys

 private:
  Keys();
  krb5_error_code open();
  krb5_error_code copy_entries(krb5_keytab source);
  krb5_error_code add(const KeytabFileEntry& entry);
  krb5_error_code add(const Part& part);

  const std::string name_;
  std::string first_principal_;
  mutable std::mutex mutex_;  // for the context, which serves one thread at a time
  gss::Krb5Context context_;
  gss::KeytabHandle keytab_;
};

/// The version in force. Replacing it changes who is accepted from now on, also by credentials that were acquired
/// before; a leg that is under way keeps its keys.
class Keytab {
 public:
  void replace(proto::Descriptor file);

  /// SEC_E_NO_CREDENTIALS where there is no keytab or none that can be read.
  Outcome current(std::shared_ptr<const Keys>& keys) const;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Keys> keys_;
  Outcome outcome_{SEC_E_NO_CREDENTIALS, "Kerberos: there is no keytab"};
};

}  // namespace sspid::worker
