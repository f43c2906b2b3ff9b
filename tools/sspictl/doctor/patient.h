// What the doctor looks at, and what it has learned so far. Checks run one after the other, in the order of the table
// in checks.cpp: a later one may use what an earlier one found.
#pragma once

#include <ctime>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "admin.h"
#include "commands.h"
#include "daemon/worker/gss/krb5_handle.h"

namespace sspictl::diagnosis {

namespace gss = sspid::worker::gss;

enum class State {
  well,
  wrong,
  note,     ///< worth knowing, and perhaps as it should be
  skipped,  ///< could not be looked at
};

/// One line on what was found, one on how to mend it.
struct Finding {
  State state;
  std::string text;
  std::string remedy{};
};
using Findings = std::vector<Finding>;

/// What a keytab has of one principal.
struct KeySet {
  std::set<std::pair<krb5_kvno, krb5_enctype>> keys;
};
using Keys = std::map<std::string, KeySet>;

/// What a realm's KDC said to a question that anybody may ask.
struct Probe {
  krb5_error_code code = 0;              ///< 0: a KDC answered, whatever it said
  std::string text{};                    ///< of the error
  std::optional<std::int64_t> offset{};  ///< of the KDC's clock to ours, in seconds
};

struct Patient {
  const Options& options;
  const DoctorOptions& what;

  std::optional<AdminAnswer> daemon;  ///< as far as who asks may see it
  gss::Krb5Context krb5;
  std::string default_realm;
  std::vector<std::string> keytabs;      ///< paths
  std::map<std::string, Keys> readable;  ///< those that could be read
  std::map<std::string, Probe> probes;   ///< by realm

  /// All principals of the readable keytabs.
  [[nodiscard]] std::set<std::string> principals() const;
  /// Realms that are used: the default one, and those of the principals.
  [[nodiscard]] std::set<std::string> realms() const;
  [[nodiscard]] bool answers(const std::string& realm) const;
  /// None where nobody may look into the daemon.
  [[nodiscard]] const std::vector<WorkerView>& workers() const;
  [[nodiscard]] std::string describe(krb5_error_code code) const;
};

[[nodiscard]] std::string realm_of(const std::string& principal);

/// "aes256-cts-hmac-sha1-96"
[[nodiscard]] std::string name_of_enctype(krb5_enctype enctype);

}  // namespace sspictl::diagnosis
