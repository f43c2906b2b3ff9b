#include "cyrus_client.h"

#include <cstring>
#include <stdexcept>

#include <sasl/sasl.h>

namespace sspid::test {

namespace {

void must_sasl(const char* what, int code) {
  if (code != SASL_OK)
    throw std::runtime_error(std::string(what) + ": " + sasl_errstring(code, nullptr, nullptr) +
                             " (are libsasl2-modules and libsasl2-modules-gssapi-mit installed?)");
}

// Asked for the name to act as, or for the user's own.
int tell_name(void* context, int id, const char** result, unsigned* length) {
  if (id != SASL_CB_USER && id != SASL_CB_AUTHNAME) return SASL_BADPARAM;
  const auto& name = *static_cast<const std::string*>(context);
  *result = name.c_str();
  if (length != nullptr) *length = static_cast<unsigned>(name.size());
  return SASL_OK;
}

int tell_password(sasl_conn_t*, void* context, int id, sasl_secret_t** result) {
  if (id != SASL_CB_PASS) return SASL_BADPARAM;
  *result = static_cast<sasl_secret_t*>(context);
  return SASL_OK;
}

// libsasl2 keeps functions of all shapes as one type, and calls each by the shape that its number stands for.
using AnyCallback = int (*)();
using Untyped = void (*)();

template <class Function>
AnyCallback untyped(Function* function) {
  return reinterpret_cast<AnyCallback>(reinterpret_cast<Untyped>(function));
}

}  // namespace

CyrusClient::CyrusClient(Options options)
    : options_(std::move(options)),
      callbacks_(std::make_unique<sasl_callback_t[]>(4)),
      secret_((sizeof(sasl_secret_t) + options_.password.size()) / sizeof(std::size_t) + 1) {
  static const int initialized = sasl_client_init(nullptr);
  must_sasl("sasl_client_init", initialized);
  auto* secret = reinterpret_cast<sasl_secret_t*>(secret_.data());
  secret->len = options_.password.size();
  std::memcpy(secret->data, options_.password.data(), options_.password.size());
  callbacks_[0] = {SASL_CB_USER, untyped(tell_name), const_cast<std::string*>(&options_.authz)};
  callbacks_[1] = {SASL_CB_AUTHNAME, untyped(tell_name), const_cast<std::string*>(&options_.user)};
  callbacks_[2] = {SASL_CB_PASS, untyped(tell_password), secret};
  callbacks_[3] = {SASL_CB_LIST_END, nullptr, nullptr};
  must_sasl("sasl_client_new",
            sasl_client_new("host", "localhost", nullptr, nullptr, callbacks_.get(), 0, &connection_));
  sasl_security_properties_t properties{};
  properties.min_ssf = options_.least_strength;
  properties.max_ssf = options_.most_strength;
  properties.maxbufsize = options_.largest_message;
  must_sasl("sasl_setprop", sasl_setprop(connection_, SASL_SEC_PROPS, &properties));
}

CyrusClient::~CyrusClient() { sasl_dispose(&connection_); }

Leg CyrusClient::step(Bytes token) {
  const char* out = nullptr;
  unsigned length = 0;
  const char* mechanism = nullptr;
  const int code = started_
                       ? sasl_client_step(connection_, reinterpret_cast<const char*>(token.data()),
                                          static_cast<unsigned>(token.size()), nullptr, &out, &length)
                       : sasl_client_start(connection_, options_.mechanism.c_str(), nullptr, &out, &length, &mechanism);
  started_ = true;
  Leg leg;
  leg.status = sasl_errstring(code, nullptr, nullptr);
  if (code < 0) leg.status = sasl_errdetail(connection_);
  if (code == SASL_OK) leg.state = Leg::State::done;
  if (code == SASL_CONTINUE) leg.state = Leg::State::more;
  if (out != nullptr) leg.token.assign(out, out + length);
  return leg;
}

unsigned CyrusClient::strength() const {
  const void* value = nullptr;
  must_sasl("sasl_getprop", sasl_getprop(connection_, SASL_SSF, &value));
  return *static_cast<const sasl_ssf_t*>(value);
}

Bytes CyrusClient::encode(const Bytes& plain) {
  const char* out = nullptr;
  unsigned length = 0;
  must_sasl("sasl_encode", sasl_encode(connection_, reinterpret_cast<const char*>(plain.data()),
                                       static_cast<unsigned>(plain.size()), &out, &length));
  return {out, out + length};
}

Bytes CyrusClient::decode(const Bytes& wire) {
  const char* out = nullptr;
  unsigned length = 0;
  must_sasl("sasl_decode", sasl_decode(connection_, reinterpret_cast<const char*>(wire.data()),
                                       static_cast<unsigned>(wire.size()), &out, &length));
  return {out, out + length};
}

}  // namespace sspid::test
