#include "daemon/grant.h"

#include <nlohmann/json.hpp>

namespace sspid {

namespace {

using nlohmann::json;

// One function names every field, for writing and for reading: Visitor is given each with its key.
template <class Visitor, class AnyMechanism>
void each_field_of_mechanism(Visitor&& visit, AnyMechanism& mechanism) {
  visit("name", mechanism.name);
  visit("oid", mechanism.oid);
  visit("comment", mechanism.comment);
}

template <class Visitor, class AnyQuotas>
void each_field_of_quotas(Visitor&& visit, AnyQuotas& quotas) {
  visit("connections", quotas.connections);
  visit("contexts", quotas.contexts);
  visit("memory_mib", quotas.memory_mib);
  visit("requests_per_second", quotas.requests_per_second);
}

template <class Visitor, class AnyGrant>
void each_field_of_grant(Visitor&& visit, AnyGrant& grant) {
  visit("identity", grant.identity);
  visit("section", grant.section);
  visit("packages", grant.packages);
  visit("mechanisms", grant.mechanisms);
  visit("accept", grant.accept);
  visit("withheld", grant.withheld);
  visit("initiate", grant.initiate);
  visit("by_client_keytab", grant.by_client_keytab);
  visit("initiator", grant.initiator);
  visit("targets", grant.targets);
  visit("s4u2self", grant.s4u2self);
  visit("s4u2proxy", grant.s4u2proxy);
  visit("forwarded", grant.forwarded);
  visit("session_key", grant.session_key);
  visit("ntlm_default_user", grant.ntlm_default_user);
  visit("quotas", grant.quotas);
}

struct Writer {
  json& object;
  template <class T>
  void operator()(const char* key, const T& field) const {
    object[key] = field;
  }
  template <class T>
  void operator()(const char* key, const std::optional<T>& field) const {
    object[key] = field ? json(*field) : json(nullptr);
  }
};

struct Reader {
  const json& object;
  template <class T>
  void operator()(const char* key, T& field) const {
    object.at(key).get_to(field);
  }
  template <class T>
  void operator()(const char* key, std::optional<T>& field) const {
    if (const json& value = object.at(key); !value.is_null()) field = value.get<T>();
  }
};

}  // namespace

// nlohmann's library finds these by their names.
static void to_json(json& to, const Mechanism& mechanism) { each_field_of_mechanism(Writer{to}, mechanism); }
static void from_json(const json& from, Mechanism& mechanism) { each_field_of_mechanism(Reader{from}, mechanism); }
static void to_json(json& to, const Quotas& quotas) { each_field_of_quotas(Writer{to}, quotas); }
static void from_json(const json& from, Quotas& quotas) { each_field_of_quotas(Reader{from}, quotas); }

std::string encode(const Grant& grant) {
  json object;
  each_field_of_grant(Writer{object}, grant);
  return object.dump();
}

std::optional<Grant> decode_grant(std::string_view text) {
  try {
    const json object = json::parse(text);
    Grant grant;
    each_field_of_grant(Reader{object}, grant);
    return grant;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace sspid
