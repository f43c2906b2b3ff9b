#include "gss_peer.h"

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <gssapi/gssapi_krb5.h>

#include "evidence.h"

namespace sspid::test {

namespace {

// 1.3.6.1.5.5.2
gss_OID_desc spnego_oid{6, const_cast<char*>("\x2b\x06\x01\x05\x05\x02")};

// 1.3.6.1.4.1.311.2.2.10
gss_OID_desc ntlm_oid{10, const_cast<char*>("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a")};

gss_OID oid_of(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::kerberos:
      return gss_mech_krb5;
    case Mechanism::spnego:
      return &spnego_oid;
    case Mechanism::ntlm:
      return &ntlm_oid;
  }
  return GSS_C_NO_OID;
}

gss_buffer_desc view(const Bytes& bytes) { return {bytes.size(), const_cast<std::uint8_t*>(bytes.data())}; }
gss_buffer_desc view(const std::string& text) { return {text.size(), const_cast<char*>(text.data())}; }

Bytes take(gss_buffer_desc& buffer) {
  const auto* bytes = static_cast<const std::uint8_t*>(buffer.value);
  Bytes result(bytes, bytes + buffer.length);
  // An empty plaintext of gss_unwrap has memory all the same, which gss_release_buffer leaves alone.
  if (buffer.length == 0) std::free(buffer.value);
  OM_uint32 minor = 0;
  gss_release_buffer(&minor, &buffer);
  return result;
}

void must_gss(const char* what, OM_uint32 major, OM_uint32 minor) {
  if (GSS_ERROR(major)) throw std::runtime_error(std::string(what) + ": " + gss_status_text(major, minor));
}

std::string name_text(gss_name_t name) {
  OM_uint32 minor = 0;
  gss_buffer_desc text{};
  const OM_uint32 major = gss_display_name(&minor, name, &text, nullptr);
  gss_release_name(&minor, &name);
  must_gss("gss_display_name", major, minor);
  return text_of(take(text));
}

// From the store that is named, else from the environment's.
gss_cred_id_t acquire(gss_cred_usage_t usage, const char* kind, const std::string& path) {
  const std::string value = "FILE:" + path;
  gss_key_value_element_desc element{kind, value.c_str()};
  const gss_key_value_set_desc store{1, &element};
  gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
  OM_uint32 minor = 0;
  const OM_uint32 major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, usage,
                                                path.empty() ? nullptr : &store, &credential, nullptr, nullptr);
  must_gss("gss_acquire_cred_from", major, minor);
  return credential;
}

void offer_only(gss_cred_id_t credential, std::optional<Mechanism> mechanism) {
  if (!mechanism) return;
  gss_OID_set_desc only{1, oid_of(*mechanism)};
  OM_uint32 minor = 0;
  must_gss("gss_set_neg_mechs", gss_set_neg_mechs(&minor, credential, &only), minor);
}

class Iovec {
 public:
  Iovec(std::vector<GssContext::Part>& parts, OM_uint32 more_types) : buffers_(parts.size()) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      buffers_[i].type = parts[i].type;
      if (allocated(parts[i].type)) buffers_[i].type |= more_types;
      buffers_[i].buffer = view(parts[i].bytes);
    }
  }
  Iovec(const Iovec&) = delete;
  Iovec& operator=(const Iovec&) = delete;
  ~Iovec() {
    OM_uint32 minor = 0;
    gss_release_iov_buffer(&minor, buffers_.data(), count());
  }

  [[nodiscard]] gss_iov_buffer_desc* get() { return buffers_.data(); }
  [[nodiscard]] int count() const { return static_cast<int>(buffers_.size()); }
  [[nodiscard]] Bytes bytes(std::size_t i) const {
    const auto* at = static_cast<const std::uint8_t*>(buffers_[i].buffer.value);
    return {at, at + buffers_[i].buffer.length};
  }

 private:
  static bool allocated(OM_uint32 type) {
    return type == GSS_IOV_BUFFER_TYPE_HEADER || type == GSS_IOV_BUFFER_TYPE_PADDING ||
           type == GSS_IOV_BUFFER_TYPE_TRAILER;
  }
  std::vector<gss_iov_buffer_desc> buffers_;
};

}  // namespace

std::string gss_status_text(OM_uint32 major, OM_uint32 minor) {
  std::string result;
  for (const auto& [code, type] : {std::pair{major, GSS_C_GSS_CODE}, std::pair{minor, GSS_C_MECH_CODE}}) {
    OM_uint32 more = 0;
    OM_uint32 ignored = 0;
    do {
      gss_buffer_desc text{};
      if (GSS_ERROR(gss_display_status(&ignored, code, type, GSS_C_NO_OID, &more, &text))) break;
      result += (result.empty() ? "" : ": ") + text_of(take(text));
    } while (more != 0);
  }
  return result;
}

GssContext::GssContext(const std::string& bindings) : application_data_(bindings) {}

GssContext::~GssContext() {
  OM_uint32 minor = 0;
  gss_delete_sec_context(&minor, &context_, GSS_C_NO_BUFFER);
}

gss_channel_bindings_t GssContext::bindings() {
  if (application_data_.empty()) return GSS_C_NO_CHANNEL_BINDINGS;
  bindings_.application_data = view(application_data_);
  return &bindings_;
}

// The search for secrets in logs looks for session keys, too. The first ones are enough to find a leak.
void GssContext::remember_key() const {
  static std::atomic<int> left{50};
  if (left.fetch_sub(1) <= 0) return;
  OM_uint32 minor = 0;
  gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
  if (gss_inquire_sec_context_by_oid(&minor, context_, GSS_C_INQ_SSPI_SESSION_KEY, &set) != GSS_S_COMPLETE) return;
  const gss_buffer_desc& key = set->elements[0];
  remember_session_key({static_cast<const unsigned char*>(key.value), key.length});
  gss_release_buffer_set(&minor, &set);
}

Leg GssContext::finish(OM_uint32 major, OM_uint32 minor, gss_buffer_desc& token) {
  minor_ = minor;
  Leg leg;
  leg.token = take(token);
  leg.status = gss_status_text(major, minor);
  if (GSS_ERROR(major)) return leg;
  leg.state = major & GSS_S_CONTINUE_NEEDED ? Leg::State::more : Leg::State::done;
  if (leg.state == Leg::State::done) remember_key();
  return leg;
}

std::string GssContext::initiator_name() const {
  OM_uint32 minor = 0;
  gss_name_t name = GSS_C_NO_NAME;
  must_gss("gss_inquire_context",
           gss_inquire_context(&minor, context_, &name, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr), minor);
  return name_text(name);
}

std::string GssContext::acceptor_name() const {
  OM_uint32 minor = 0;
  gss_name_t name = GSS_C_NO_NAME;
  must_gss("gss_inquire_context",
           gss_inquire_context(&minor, context_, nullptr, &name, nullptr, nullptr, nullptr, nullptr, nullptr), minor);
  return name_text(name);
}

Bytes GssContext::wrap(const Bytes& plain, Privacy privacy) {
  OM_uint32 minor = 0;
  gss_buffer_desc in = view(plain);
  gss_buffer_desc out{};
  int sealed = 0;
  const OM_uint32 major = gss_wrap(&minor, context_, privacy == Privacy::sealed, GSS_C_QOP_DEFAULT, &in, &sealed, &out);
  must_gss("gss_wrap", major, minor);
  return take(out);
}

GssContext::Message GssContext::unwrap(const Bytes& token) {
  OM_uint32 minor = 0;
  gss_buffer_desc in = view(token);
  gss_buffer_desc out{};
  int sealed = 0;
  Message message;
  message.major = gss_unwrap(&minor, context_, &in, &out, &sealed, nullptr);
  message.plain = take(out);
  message.was_sealed = sealed != 0;
  return message;
}

Bytes GssContext::get_mic(const Bytes& message) {
  OM_uint32 minor = 0;
  gss_buffer_desc in = view(message);
  gss_buffer_desc out{};
  must_gss("gss_get_mic", gss_get_mic(&minor, context_, GSS_C_QOP_DEFAULT, &in, &out), minor);
  return take(out);
}

OM_uint32 GssContext::verify_mic(const Bytes& message, const Bytes& mic) {
  OM_uint32 minor = 0;
  gss_buffer_desc in = view(message);
  gss_buffer_desc token = view(mic);
  return gss_verify_mic(&minor, context_, &in, &token, nullptr);
}

std::vector<GssContext::Part> GssContext::wrap_iov(std::vector<Part> parts, Privacy privacy) {
  Iovec iov(parts, GSS_IOV_BUFFER_FLAG_ALLOCATE);
  OM_uint32 minor = 0;
  int sealed = 0;
  const OM_uint32 major =
      gss_wrap_iov(&minor, context_, privacy == Privacy::sealed, GSS_C_QOP_DEFAULT, &sealed, iov.get(), iov.count());
  must_gss("gss_wrap_iov", major, minor);
  std::vector<Part> result;
  for (std::size_t i = 0; i < parts.size(); ++i) result.push_back({parts[i].type, iov.bytes(i)});
  return result;
}

GssContext::Message GssContext::unwrap_iov(std::vector<Part> parts) {
  Iovec iov(parts, 0);
  OM_uint32 minor = 0;
  int sealed = 0;
  Message message;
  message.major = gss_unwrap_iov(&minor, context_, &sealed, nullptr, iov.get(), iov.count());
  message.was_sealed = sealed != 0;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (parts[i].type == GSS_IOV_BUFFER_TYPE_DATA) message.plain = joined({message.plain, iov.bytes(i)});
  return message;
}

namespace {

gss_buffer_set_t session_key_set(gss_ctx_id_t context) {
  OM_uint32 minor = 0;
  gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
  must_gss("gss_inquire_sec_context_by_oid",
           gss_inquire_sec_context_by_oid(&minor, context, GSS_C_INQ_SSPI_SESSION_KEY, &set), minor);
  return set;
}

}  // namespace

Bytes GssContext::session_key() const {
  OM_uint32 minor = 0;
  gss_buffer_set_t set = session_key_set(context_);
  const auto* key = static_cast<const std::uint8_t*>(set->elements[0].value);
  Bytes result(key, key + set->elements[0].length);
  gss_release_buffer_set(&minor, &set);
  return result;
}

int GssContext::enctype() const {
  OM_uint32 minor = 0;
  gss_buffer_set_t set = session_key_set(context_);
  // The second element is an OID whose last arc is the enctype, all of which are below 128: one byte.
  const auto* oid = static_cast<const std::uint8_t*>(set->elements[1].value);
  const int result = oid[set->elements[1].length - 1];
  gss_release_buffer_set(&minor, &set);
  return result;
}

GssInitiator::GssInitiator(Options options) : GssContext(options.bindings), options_(std::move(options)) {
  credential_ = acquire(GSS_C_INITIATE, "ccache", options_.cache);
  offer_only(credential_, options_.offer);
  gss_buffer_desc text = view(options_.target);
  const bool is_principal = options_.target.find('/') != std::string::npos;
  OM_uint32 minor = 0;
  must_gss(
      "gss_import_name",
      gss_import_name(&minor, &text, is_principal ? GSS_KRB5_NT_PRINCIPAL_NAME : GSS_C_NT_HOSTBASED_SERVICE, &target_),
      minor);
}

GssInitiator::~GssInitiator() {
  OM_uint32 minor = 0;
  gss_release_name(&minor, &target_);
  gss_release_cred(&minor, &credential_);
}

Leg GssInitiator::step(const Bytes& token) {
  OM_uint32 minor = 0;
  gss_buffer_desc in = view(token);
  gss_buffer_desc out{};
  const OM_uint32 major =
      gss_init_sec_context(&minor, credential_, &context_, target_, oid_of(options_.mechanism), options_.flags, 0,
                           bindings(), token.empty() ? GSS_C_NO_BUFFER : &in, nullptr, &out, &flags_, &lifetime_);
  return finish(major, minor, out);
}

GssAcceptor::GssAcceptor(const Options& options) : GssContext(options.bindings) {
  credential_ = acquire(GSS_C_ACCEPT, "keytab", options.keytab);
  offer_only(credential_, options.offer);
}

GssAcceptor::~GssAcceptor() {
  OM_uint32 minor = 0;
  gss_release_cred(&minor, &delegated_);
  gss_release_cred(&minor, &credential_);
}

Leg GssAcceptor::step(const Bytes& token) {
  OM_uint32 minor = 0;
  gss_buffer_desc in = view(token);
  gss_buffer_desc out{};
  const OM_uint32 major = gss_accept_sec_context(&minor, &context_, credential_, &in, bindings(), nullptr, nullptr,
                                                 &out, &flags_, &lifetime_, &delegated_);
  return finish(major, minor, out);
}

}  // namespace sspid::test
