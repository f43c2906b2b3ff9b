#include "daemon/worker/delegation.h"

#include <ctime>
#include <vector>

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#include "daemon/worker/client_ticket.h"
#include "daemon/worker/gss/credential_store.h"
#include "daemon/worker/gss/mechanisms.h"
#include "daemon/worker/gss/names.h"
#include "daemon/worker/gss/status.h"
#include "daemon/worker/service_tickets.h"

namespace sspid::worker {

namespace {

/// What an accepted context has that its program may use on.
struct Proof {
  std::vector<std::byte> ticket;
  std::shared_ptr<const Keys> keys;
};

bool are_good(const std::shared_ptr<TicketCache>& tickets) { return tickets && tickets->end() > std::time(nullptr); }

/// With the context locked: `tickets` where they are at hand, else `proof`.
Outcome look_at(Context& context, std::shared_ptr<TicketCache>& tickets, Proof& proof) {
  if (context.role != Role::acceptor || context.stage != Stage::established)
    return {SEC_E_INVALID_HANDLE, "only of an accepted context the client can be acted for"};
  if (context.delegated) {
    if (Outcome copied = TicketCache::from_credential(context.delegated.get(), context.client_tickets); !copied.ok())
      return copied;
    context.delegated.reset();
  }
  if (are_good(context.client_tickets)) {
    tickets = context.client_tickets;
    return {};
  }
  if (context.ticket.empty())
    return {SEC_E_NO_CREDENTIALS,
            "Kerberos: the client handed no tickets over, and its own was not kept: accept it with ASC_REQ_DELEGATE or "
            "with a credential for both directions"};
  proof.ticket = context.ticket;
  return context.credential->kerberos_source().current_keys(proof.keys);
}

/// S4U2Proxy. Only prepared here: each target is asked for when it is wanted.
Outcome act_for(Worker& worker, const Proof& proof, std::shared_ptr<TicketCache>& tickets) {
  ClientTicket ticket;
  if (Outcome opened = ticket.open(proof.ticket, *proof.keys); !opened.ok()) return opened;
  if (!ticket.forwardable()) return {SEC_E_NO_CREDENTIALS, "Kerberos: the client may not be delegated"};
  std::shared_ptr<TicketCache> own;
  if (Outcome found = worker.service_tickets->find(ticket.service(), proof.keys, own); !found.ok()) return found;
  return TicketCache::for_client(ticket, *own, tickets);
}

Outcome failure(OM_uint32 major, OM_uint32 minor, const std::string& user) {
  const std::string why = gss::describe(major, minor, gss::krb5());
  return {gss::status_of(gss::Call::acquire, major, minor,
                         {.explicit_credentials = true, .text = why, .on_behalf = gss::OnBehalf::of_any_user}),
          "Kerberos: a ticket in the name of " + user + ": " + why};
}

}  // namespace

Outcome find_tickets_of_client(Caller& caller, const proto::Handle& handle, std::shared_ptr<TicketCache>& tickets) {
  Proof proof;
  {
    LockedContext context;
    Outcome looked = context.find(caller, &handle);
    if (looked.status == SEC_E_OK) looked = look_at(*context, tickets, proof);
    if (looked.status != SEC_E_OK || tickets) return looked;
  }
  // The context is free meanwhile: its messages need not wait for the KDC.
  if (Outcome prepared = act_for(caller.worker, proof, tickets); !prepared.ok()) return prepared;
  LockedContext context;
  if (context.find(caller, &handle).status == SEC_E_OK) context->client_tickets = tickets;
  return {};
}

Outcome get_tickets_for_user(const TicketCache& service, const std::string& user,
                             std::shared_ptr<TicketCache>& tickets) {
  gss_OID_set_desc kerberos = {1, gss::krb5()};
  gss::CredentialStore store;
  store.add("ccache", service.name().c_str());
  gss::Credential impersonator, impersonated;
  gss::Name name;
  gss_buffer_desc text = gss::borrow(user);
  OM_uint32 minor = 0;
  OM_uint32 major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &kerberos, GSS_C_INITIATE,
                                          store.get(), impersonator.out(), nullptr, nullptr);
  if (!GSS_ERROR(major)) major = gss_import_name(&minor, &text, GSS_KRB5_NT_PRINCIPAL_NAME, name.out());
  if (!GSS_ERROR(major))
    major = gss_acquire_cred_impersonate_name(&minor, impersonator.get(), name.get(), GSS_C_INDEFINITE, &kerberos,
                                              GSS_C_INITIATE, impersonated.out(), nullptr, nullptr);
  if (GSS_ERROR(major)) return failure(major, minor, user);
  return TicketCache::from_credential(impersonated.get(), tickets);
}

}  // namespace sspid::worker
