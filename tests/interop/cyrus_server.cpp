#include "cyrus_server.h"

#include <cstring>
#include <stdexcept>
#include <utility>

#include <sasl/sasl.h>

namespace sspid::test {

namespace {

void must_sasl(const char* what, int code) {
  if (code != SASL_OK)
    throw std::runtime_error(std::string(what) + ": " + sasl_errstring(code, nullptr, nullptr) +
                             " (is libsasl2-modules installed?)");
}

// What the server's configuration file would say.
int tell_option(void* context, const char*, const char* option, const char** result, unsigned* length) {
  if (std::strcmp(option, "auxprop_plugin") == 0)
    *result = "sasldb";
  else if (std::strcmp(option, "sasldb_path") == 0)
    *result = static_cast<const std::string*>(context)->c_str();
  else
    return SASL_FAIL;
  if (length != nullptr) *length = static_cast<unsigned>(std::strlen(*result));
  return SASL_OK;
}

// libsasl2 keeps functions of all shapes as one type, and calls each by the shape that its number stands for.
using AnyCallback = int (*)();
using Untyped = void (*)();

sasl_conn_t* new_connection() {
  sasl_conn_t* connection = nullptr;
  must_sasl("sasl_server_new",
            sasl_server_new("host", "localhost", nullptr, nullptr, nullptr, nullptr, 0, &connection));
  return connection;
}

}  // namespace

CyrusUsers::CyrusUsers() : database_(directory_.file("sasldb")), callbacks_(std::make_unique<sasl_callback_t[]>(2)) {
  callbacks_[0] = {SASL_CB_GETOPT, reinterpret_cast<AnyCallback>(reinterpret_cast<Untyped>(tell_option)), &database_};
  callbacks_[1] = {SASL_CB_LIST_END, nullptr, nullptr};
  must_sasl("sasl_server_init", sasl_server_init(callbacks_.get(), "sspid-test"));
}

CyrusUsers::~CyrusUsers() { sasl_server_done(); }

void CyrusUsers::add(const std::string& user, const std::string& password) {
  sasl_conn_t* connection = new_connection();
  const int code = sasl_setpass(connection, user.c_str(), password.data(), static_cast<unsigned>(password.size()),
                                nullptr, 0, SASL_SET_CREATE);
  sasl_dispose(&connection);
  must_sasl("sasl_setpass", code);
}

CyrusServer::CyrusServer(std::string mechanism) : mechanism_(std::move(mechanism)), connection_(new_connection()) {}

CyrusServer::~CyrusServer() { sasl_dispose(&connection_); }

Leg CyrusServer::step(const Bytes& token) {
  const char* out = nullptr;
  unsigned length = 0;
  const auto* in = reinterpret_cast<const char*>(token.data());
  const auto size = static_cast<unsigned>(token.size());
  const int code = started_ ? sasl_server_step(connection_, in, size, &out, &length)
                            : sasl_server_start(connection_, mechanism_.c_str(), in, size, &out, &length);
  started_ = true;
  Leg leg;
  leg.status = code < 0 ? sasl_errdetail(connection_) : sasl_errstring(code, nullptr, nullptr);
  if (code == SASL_OK) leg.state = Leg::State::done;
  if (code == SASL_CONTINUE) leg.state = Leg::State::more;
  if (out != nullptr) leg.token.assign(out, out + length);
  return leg;
}

std::string CyrusServer::user() const {
  const void* name = nullptr;
  must_sasl("sasl_getprop", sasl_getprop(connection_, SASL_USERNAME, &name));
  return static_cast<const char*>(name);
}

}  // namespace sspid::test
