// Ends of a context made of libgssapi_krb5 itself: what the other end of the wire is in real life, and nothing of ours.
// The library runs in the test process (libsspi does not link it), so the process must have entered the realm
// (Realm::enter).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

#include "bytes.h"
#include "handshake.h"

namespace sspid::test {

enum class Mechanism { kerberos, spnego, ntlm };

/// What both ends have in common. Deletes its context.
class GssContext {
 public:
  GssContext(const GssContext&) = delete;
  GssContext& operator=(const GssContext&) = delete;
  ~GssContext();

  [[nodiscard]] OM_uint32 flags() const { return flags_; }  ///< GSS_C_*_FLAG as granted
  [[nodiscard]] OM_uint32 lifetime() const { return lifetime_; }
  [[nodiscard]] std::string initiator_name() const;
  [[nodiscard]] std::string acceptor_name() const;
  [[nodiscard]] gss_ctx_id_t get() const { return context_; }
  [[nodiscard]] OM_uint32 minor() const { return minor_; }  ///< of the last leg

  enum class Privacy { none, sealed };
  struct Message {
    OM_uint32 major = GSS_S_FAILURE;  ///< with its supplementary bits: GSS_S_DUPLICATE_TOKEN …
    Bytes plain;
    bool was_sealed = false;
    [[nodiscard]] bool complete() const { return major == GSS_S_COMPLETE; }
  };

  [[nodiscard]] Bytes wrap(const Bytes& plain, Privacy privacy = Privacy::sealed);
  [[nodiscard]] Message unwrap(const Bytes& token);
  [[nodiscard]] Bytes get_mic(const Bytes& message);
  [[nodiscard]] OM_uint32 verify_mic(const Bytes& message, const Bytes& mic);

  /// One part of a message in gss_wrap_iov's form.
  struct Part {
    OM_uint32 type;  ///< GSS_IOV_BUFFER_TYPE_*
    Bytes bytes;
  };
  /// Seals DATA in place; HEADER, PADDING and TRAILER get what the mechanism needs. Returns the parts in the given
  /// order.
  [[nodiscard]] std::vector<Part> wrap_iov(std::vector<Part> parts, Privacy privacy = Privacy::sealed);
  /// Opens DATA in place. `plain` of the result is all DATA, back to back.
  [[nodiscard]] Message unwrap_iov(std::vector<Part> parts);
  /// The key that both ends share, and its enctype.
  [[nodiscard]] Bytes session_key() const;
  [[nodiscard]] int enctype() const;

 protected:
  explicit GssContext(const std::string& bindings);
  Leg finish(OM_uint32 major, OM_uint32 minor, gss_buffer_desc& token);
  gss_channel_bindings_t bindings();
  void remember_key() const;

  gss_ctx_id_t context_ = GSS_C_NO_CONTEXT;
  OM_uint32 flags_ = 0;
  OM_uint32 lifetime_ = 0;
  OM_uint32 minor_ = 0;
  std::string application_data_;
  gss_channel_bindings_struct bindings_{};
};

class GssInitiator : public GssContext {
 public:
  struct Options {
    std::string target;  ///< "HTTP@localhost" (host-based), or a principal when it has a slash
    Mechanism mechanism = Mechanism::kerberos;
    OM_uint32 flags = GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;
    std::string cache{};               ///< path of a FILE cache; none: KRB5CCNAME
    std::string bindings{};            ///< application data; none: no bindings
    std::optional<Mechanism> offer{};  ///< all that SPNEGO offers; none: whatever there are credentials for
  };
  explicit GssInitiator(Options options);
  ~GssInitiator();

  Leg step(const Bytes& token);

 private:
  Options options_;
  gss_cred_id_t credential_ = GSS_C_NO_CREDENTIAL;
  gss_name_t target_ = GSS_C_NO_NAME;
};

class GssAcceptor : public GssContext {
 public:
  struct Options {
    std::string keytab;  ///< path; none: KRB5_KTNAME
    std::string bindings;
    std::optional<Mechanism> offer{};  ///< all that SPNEGO takes
  };
  GssAcceptor() : GssAcceptor(Options{}) {}
  explicit GssAcceptor(const Options& options);
  ~GssAcceptor();

  Leg step(const Bytes& token);
  [[nodiscard]] bool has_delegated_credential() const { return delegated_ != GSS_C_NO_CREDENTIAL; }

 private:
  gss_cred_id_t credential_ = GSS_C_NO_CREDENTIAL;
  gss_cred_id_t delegated_ = GSS_C_NO_CREDENTIAL;
};

/// In GSS-API's words.
[[nodiscard]] std::string gss_status_text(OM_uint32 major, OM_uint32 minor);

}  // namespace sspid::test
