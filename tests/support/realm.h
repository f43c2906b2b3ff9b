// A throwaway Kerberos realm: a real MIT KDC with a database, keytab and ticket caches of its own in a fresh directory,
// which goes when the Realm goes. Ready within a second. Nothing outside its directory is read or written: not the
// machine's krb5.conf, GSS mechanisms, replay caches or DNS.
//
// One Realm serves all cases of a test executable. Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "process.h"
#include "scratch.h"

namespace sspid::test {

class Realm {
 public:
  struct Options {
    std::string name = "EXAMPLE.TEST";
    /// What keys a principal gets. More than one: services can be told to use one of them (`use_session_enctype`).
    std::vector<std::string> key_enctypes = {"aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96",
                                             "aes256-cts-hmac-sha384-192", "aes128-cts-hmac-sha256-128",
                                             "arcfour-hmac"};
    /// permitted_enctypes of krb5.conf; empty: the library's own list.
    std::vector<std::string> permitted_enctypes;
    /// Lines for [libdefaults] of krb5.conf, and sections to stand behind all others.
    std::string libdefaults{};
    std::string sections{};
    /// A kadmind beside the KDC, where users change their passwords. Principals "…/admin" may do everything.
    bool password_service = false;
    /// Where the principals are kept. Empty: in files of the realm's directory.
    struct Database {
      std::string module;               ///< what the KDC's configuration says of it: lines of a [dbmodules] subsection
      std::vector<std::string> create;  ///< the command that makes the realm there
    };
    Database database{};
    /// gss-ntlmssp is one of the mechanisms, and the environment names users() as NTLM's users.
    bool ntlm = false;
  };

  /// With users alice (alicepw) and bob (bobpw), services host, HTTP, ldap, postgres and imap on localhost and on this
  /// host's name, their keys in keytab(), and tickets of alice in cache().
  Realm() : Realm(Options{}) {}
  explicit Realm(const Options& options);
  ~Realm();
  Realm(const Realm&) = delete;
  Realm& operator=(const Realm&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Directory& directory() const { return directory_; }
  [[nodiscard]] std::string file(const std::string& name) const { return directory_.file(name); }
  /// Paths; MIT wants "FILE:" in front, as in environment().
  [[nodiscard]] std::string keytab() const { return file("keytab"); }
  [[nodiscard]] std::string cache() const { return file("cc"); }
  /// NTLM's alice (alicepw) and bob (bobpw) of the domain EXAMPLE.
  [[nodiscard]] std::string users() const { return file("ntlm.users"); }
  [[nodiscard]] std::string qualified(const std::string& principal) const { return principal + '@' + name_; }

  /// What a program of this realm has in its environment: KRB5_CONFIG, KRB5CCNAME, KRB5_KTNAME, KRB5RCACHEDIR,
  /// GSS_MECH_CONFIG, with NTLM also NTLM_USER_FILE.
  [[nodiscard]] Environment environment() const;
  /// Sets the same in the test process itself, for libsspi's own look at KRB5CCNAME and for GSS-API peers in the
  /// process.
  void enter() const;

  // Principals. `options` are those of kadmin's addprinc and modprinc: "-pwexpire yesterday", "+ok_as_delegate".
  void add_user(const std::string& user, const std::string& password, const std::string& options = {});
  void add_service(const std::string& service, const std::string& options = {});
  void modify(const std::string& principal, const std::string& options);
  void remove(const std::string& principal);
  /// Session keys for this service are of this enctype from now on: "aes128-cts-hmac-sha256-128", "arcfour-hmac".
  void use_session_enctype(const std::string& service, const std::string& enctype);
  /// Services of which tickets can be delegated to. A ticket that is in a cache already does not change.
  void trust_for_delegation(const std::string& service) { modify(service, "+ok_as_delegate"); }
  /// Puts the principal's keys into a keytab without changing them. Readable by all; `path` may be absent yet.
  void write_keytab(const std::string& principal, const std::string& path);
  /// New keys for the principal, which no keytab has.
  void change_keys(const std::string& service);

  /// Tickets into a FILE cache. `options` are those of kinit: "-l 1m", "-S service", "-F".
  void kinit(const std::string& user, const std::string& password, const std::string& cache,
             const std::vector<std::string>& options = {});
  void kinit_keytab(const std::string& principal, const std::string& keytab, const std::string& cache,
                    const std::vector<std::string>& options = {});

  /// While stopped, connections to the KDC are refused at once. Nobody else can take its port.
  void stop_kdc();
  /// `prefix`: a command that becomes the KDC in the end, such as faketime.
  void start_kdc(const std::vector<std::string>& prefix = {});
  /// While paused, the KDC takes requests and answers none: it is stopped by SIGSTOP and goes on where it was.
  void pause_kdc();
  void continue_kdc();
  /// Whether a request lies at the KDC that it has not taken yet.
  [[nodiscard]] bool request_waits() const;

  /// While stopped, its clients hear at once that nobody is there. Only where the options asked for one.
  void stop_password_service();
  void start_password_service();

  /// Runs kadmin.local with these commands, one a line.
  std::string kadmin(const std::string& commands);
  /// What the KDC logged so far.
  [[nodiscard]] std::string kdc_log() const { return read_text(file("kdc/log")); }

 private:
  void write_configuration(const Options& options);
  void write_kdc_configuration(const Options& options);
  [[nodiscard]] Environment kdc_environment() const;

  Directory directory_;
  Port port_, password_port_, admin_port_;
  std::string name_;
  bool ntlm_;
  std::optional<Process> kdc_, kadmind_;
};

/// The name of this host as `hostname` prints it.
[[nodiscard]] std::string host_name();

}  // namespace sspid::test
