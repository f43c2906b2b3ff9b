#include "contexts.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include <gssapi/gssapi_krb5.h>
#include <gtest/gtest.h>

#include "support/gss_peer.h"
#include "support/realm.h"

namespace sspid::test {

namespace {

using worker::gss::Buffer;
using worker::gss::Context;
using worker::gss::Name;

gss_OID_desc spnego{6, const_cast<char*>("\x2b\x06\x01\x05\x05\x02")};

void must(const char* what, OM_uint32 major, OM_uint32 minor) {
  if (GSS_ERROR(major)) throw std::runtime_error(std::string(what) + ": " + gss_status_text(major, minor));
}

/// With keys of these types only, so that the ends agree on the first.
Realm& realm_of(const ContextOptions& options) {
  static std::map<std::pair<std::string, std::string>, std::unique_ptr<Realm>> realms;
  std::unique_ptr<Realm>& realm = realms[{options.enctype, options.session_enctype}];
  if (realm) return *realm;
  Realm::Options types;
  types.key_enctypes = {options.enctype};
  if (!options.session_enctype.empty()) types.key_enctypes.push_back(options.session_enctype);
  types.permitted_enctypes = types.key_enctypes;
  realm = std::make_unique<Realm>(types);
  if (!options.session_enctype.empty()) realm->use_session_enctype("host/localhost", options.session_enctype);
  return *realm;
}

Name service() {
  Name name;
  OM_uint32 minor = 0;
  gss_buffer_desc text = worker::gss::borrow(std::string_view("host@localhost"));
  must("gss_import_name", gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, name.out()), minor);
  return name;
}

}  // namespace

void enter_realm(const ContextOptions& options) { realm_of(options).enter(); }

Ends establish(const ContextOptions& options) {
  enter_realm(options);
  const Name target = service();
  gss_OID mech = options.mech == Mech::spnego ? &spnego : gss_mech_krb5;
  Ends ends;
  Buffer to_initiator, to_acceptor;
  OM_uint32 minor = 0, initiator = GSS_S_CONTINUE_NEEDED, acceptor = GSS_S_CONTINUE_NEEDED;
  while (initiator == GSS_S_CONTINUE_NEEDED || acceptor == GSS_S_CONTINUE_NEEDED) {
    gss_buffer_desc in = worker::gss::borrow(to_initiator.bytes());
    initiator =
        gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, ends.initiator.inout(), target.get(), mech, options.flags, 0,
                             GSS_C_NO_CHANNEL_BINDINGS, &in, nullptr, to_acceptor.out(), &ends.flags, nullptr);
    must("gss_init_sec_context", initiator, minor);
    if (to_acceptor.empty()) break;
    in = worker::gss::borrow(to_acceptor.bytes());
    acceptor =
        gss_accept_sec_context(&minor, ends.acceptor.inout(), GSS_C_NO_CREDENTIAL, &in, GSS_C_NO_CHANNEL_BINDINGS,
                               nullptr, nullptr, to_initiator.out(), nullptr, nullptr, nullptr);
    must("gss_accept_sec_context", acceptor, minor);
    if (to_initiator.empty()) break;
  }
  return ends;
}

Context copy_of(Context& context) {
  OM_uint32 minor = 0;
  Buffer exported;
  must("gss_export_sec_context", gss_export_sec_context(&minor, context.inout(), exported.out()), minor);
  gss_buffer_desc token = worker::gss::borrow(exported.bytes());
  Context copy;
  must("gss_import_sec_context", gss_import_sec_context(&minor, &token, context.out()), minor);
  must("gss_import_sec_context", gss_import_sec_context(&minor, &token, copy.out()), minor);
  return copy;
}

std::unique_ptr<worker::seal::Cfx> engine_on_copy_of(Context& context, OM_uint32 flags) {
  Context copy = copy_of(context);
  std::unique_ptr<worker::seal::Cfx> engine = worker::seal::Cfx::take_over(copy, flags);
  if (!engine) throw std::runtime_error("the context was not taken over");
  return engine;
}

const std::vector<std::string>& all_enctypes() {
  static const std::vector<std::string> names{"aes128-cts-hmac-sha1-96", "aes256-cts-hmac-sha1-96",
                                              "aes128-cts-hmac-sha256-128", "aes256-cts-hmac-sha384-192"};
  return names;
}

std::string enctype_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

}  // namespace sspid::test
