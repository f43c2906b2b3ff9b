#include "daemon/worker/client_ticket.h"

#include "daemon/worker/gss/status.h"

namespace sspid::worker {

namespace {

krb5_data borrow(std::span<const std::byte> bytes) {
  krb5_data data{};
  data.length = static_cast<unsigned>(bytes.size());
  data.data = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
  return data;
}

}  // namespace

ClientTicket::ClientTicket() : ticket_(context_) {}

Outcome ClientTicket::open(std::span<const std::byte> der, const Keys& keys) {
  der_ = der;
  krb5_error_code code = context_.initialize();
  krb5_context context = context_.get();
  ticket_ = gss::Ticket(context_);
  gss::KeytabHandle keytab(context_);
  gss::UnparsedName service(context_);
  const krb5_data bytes = borrow(der);
  if (!code) code = krb5_decode_ticket(&bytes, ticket_.out());
  if (!code) code = krb5_kt_resolve(context, keys.name().c_str(), keytab.out());
  if (!code) code = krb5_server_decrypt_ticket_keytab(context, keytab.get(), ticket_.get());
  if (!code) code = krb5_unparse_name(context, ticket_.get()->server, service.out());
  if (code) return {SEC_E_NO_CREDENTIALS, "Kerberos: the client's ticket: " + gss::describe_krb5(context, code)};
  service_ = service.get();
  return {};
}

bool ClientTicket::forwardable() const { return (ticket_.get()->enc_part2->flags & TKT_FLG_FORWARDABLE) != 0; }

krb5_error_code ClientTicket::store(krb5_context context, krb5_ccache cache) const {
  const krb5_ticket& ticket = *ticket_.get();
  krb5_creds credentials{};  // everything in it is the ticket's
  credentials.client = ticket.enc_part2->client;
  credentials.server = ticket.server;
  credentials.keyblock = *ticket.enc_part2->session;
  credentials.times = ticket.enc_part2->times;
  credentials.ticket_flags = ticket.enc_part2->flags;
  credentials.ticket = borrow(der_);
  return krb5_cc_store_cred(context, cache, &credentials);
}

}  // namespace sspid::worker
