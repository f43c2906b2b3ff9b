#include "daemon/worker/keytab.h"

#include <atomic>
#include <cerrno>
#include <new>
#include <vector>

#include <spdlog/spdlog.h>

#include "daemon/keytab_file.h"
#include "daemon/worker/gss/status.h"
#include "daemon/worker/worker.h"

namespace sspid::worker {

namespace {

std::string next_name() {
  static std::atomic<unsigned> counter{0};
  return "MEMORY:sspid-" + std::to_string(counter.fetch_add(1));
}

krb5_data data_of(std::string_view text) {
  return {KV5M_DATA, static_cast<unsigned>(text.size()), const_cast<char*>(text.data())};
}

}  // namespace

Keys::Keys() : name_(next_name()), keytab_(context_) {}

krb5_error_code Keys::open() {
  if (const auto code = context_.initialize()) return code;
  keytab_ = gss::KeytabHandle(context_);
  return krb5_kt_resolve(context_.get(), name_.c_str(), keytab_.out());
}

krb5_error_code Keys::copy_entries(krb5_keytab source) {
  krb5_kt_cursor cursor;
  if (const auto code = krb5_kt_start_seq_get(context_.get(), source, &cursor)) return code;
  krb5_error_code code = 0;
  gss::KeytabEntry entry(context_);
  gss::UnparsedName first(context_);
  while ((code = krb5_kt_next_entry(context_.get(), source, entry.out(), &cursor)) == 0) {
    if ((code = krb5_kt_add_entry(context_.get(), keytab_.get(), entry.inout()))) break;
    if (!first && (code = krb5_unparse_name(context_.get(), entry.get().principal, first.out()))) break;
  }
  if (first) first_principal_ = first.get();
  krb5_kt_end_seq_get(context_.get(), source, &cursor);
  return code == KRB5_KT_END ? 0 : code;
}

Outcome Keys::load(const proto::Descriptor& file, std::shared_ptr<const Keys>& keys) {
  const std::shared_ptr<Keys> loaded(new Keys());
  krb5_error_code code = loaded->open();
  krb5_context context = loaded->context_.get();
  gss::KeytabHandle source(loaded->context_);
  const std::string path = "FILE:/proc/self/fd/" + std::to_string(file.get());
  if (!code) code = krb5_kt_resolve(context, path.c_str(), source.out());
  if (!code) code = loaded->copy_entries(source.get());
  if (code == ENOMEM) throw std::bad_alloc();  // says nothing of the keytab
  if (code) return {SEC_E_NO_CREDENTIALS, "Kerberos: reading the keytab: " + gss::describe_krb5(context, code)};
  keys = loaded;
  return {};
}

krb5_error_code Keys::add(const KeytabFileEntry& from) {
  std::size_t random = 0, length = 0;
  if (!krb5_c_valid_enctype(from.enctype) || krb5_c_keylengths(context_.get(), from.enctype, &random, &length) != 0 ||
      length != from.key.size())
    return 0;  // a key that libkrb5 could not use
  std::vector<krb5_data> components;
  for (const auto component : from.components) components.push_back(data_of(component));
  krb5_principal_data principal{KV5M_PRINCIPAL, data_of(from.realm), components.data(),
                                static_cast<krb5_int32>(components.size()), from.name_type};
  krb5_keytab_entry entry{};  // views only: the keytab makes copies
  entry.principal = &principal;
  entry.timestamp = static_cast<krb5_timestamp>(from.timestamp);
  entry.vno = from.version;
  entry.key = {KV5M_KEYBLOCK, from.enctype, static_cast<unsigned>(from.key.size()),
               reinterpret_cast<krb5_octet*>(const_cast<std::byte*>(from.key.data()))};
  if (const auto code = krb5_kt_add_entry(context_.get(), keytab_.get(), &entry)) return code;
  if (!first_principal_.empty()) return 0;
  gss::UnparsedName name(context_);
  if (const auto code = krb5_unparse_name(context_.get(), &principal, name.out())) return code;
  first_principal_ = name.get();
  return 0;
}

Outcome Keys::load(std::span<const std::byte> file, std::shared_ptr<const Keys>& keys) {
  const auto entries = decode_keytab(file);
  if (!entries) return {SEC_E_UNKNOWN_CREDENTIALS, "Kerberos: the packed keytab is no keytab file"};
  const std::shared_ptr<Keys> loaded(new Keys());
  krb5_error_code code = loaded->open();
  for (auto entry = entries->begin(); !code && entry != entries->end(); ++entry) code = loaded->add(*entry);
  if (code)
    return {SEC_E_UNKNOWN_CREDENTIALS,
            "Kerberos: reading the packed keytab: " + gss::describe_krb5(loaded->context_.get(), code)};
  if (loaded->first_principal_.empty())
    return {SEC_E_NO_CREDENTIALS, "Kerberos: the packed keytab holds no key that can be used"};
  keys = loaded;
  return {};
}

krb5_error_code Keys::add(const Part& part) {
  gss::KeytabHandle source(context_);
  gss::Principal wanted(context_);
  if (!part.principal.empty())
    if (const auto code = krb5_parse_name(context_.get(), part.principal.c_str(), wanted.out())) return code;
  if (const auto code = krb5_kt_resolve(context_.get(), part.keys.name().c_str(), source.out())) return code;
  krb5_kt_cursor cursor;
  if (const auto code = krb5_kt_start_seq_get(context_.get(), source.get(), &cursor)) return code;
  krb5_error_code code = 0;
  gss::KeytabEntry entry(context_);
  while ((code = krb5_kt_next_entry(context_.get(), source.get(), entry.out(), &cursor)) == 0)
    if (!wanted || krb5_principal_compare(context_.get(), wanted.get(), entry.get().principal))
      if ((code = krb5_kt_add_entry(context_.get(), keytab_.get(), entry.inout()))) break;
  krb5_kt_end_seq_get(context_.get(), source.get(), &cursor);
  return code == KRB5_KT_END ? 0 : code;
}

Outcome Keys::join(const Part& first, const Part& second, std::shared_ptr<const Keys>& keys) {
  const std::shared_ptr<Keys> joined(new Keys());
  krb5_error_code code = joined->open();
  if (!code) code = joined->add(first);
  if (!code) code = joined->add(second);
  if (code)
    return {SEC_E_INTERNAL_ERROR, "Kerberos: joining keys: " + gss::describe_krb5(joined->context_.get(), code)};
  joined->first_principal_ = first.principal.empty() ? first.keys.first_principal() : first.principal;
  keys = joined;
  return {};
}

bool Keys::holds(const std::string& principal) const {
  const std::lock_guard lock(mutex_);
  gss::Principal wanted(context_);
  gss::KeytabEntry entry(context_);
  return krb5_parse_name(context_.get(), principal.c_str(), wanted.out()) == 0 &&
         krb5_kt_get_entry(context_.get(), keytab_.get(), wanted.get(), 0, 0, entry.out()) == 0;
}

std::string Keys::with_realm(const std::string& principal) const {
  const std::lock_guard lock(mutex_);
  gss::Principal parsed(context_);
  gss::UnparsedName full(context_);
  const bool is_name = krb5_parse_name(context_.get(), principal.c_str(), parsed.out()) == 0 &&
                       krb5_unparse_name(context_.get(), parsed.get(), full.out()) == 0;
  return is_name ? full.get() : principal;
}

void Keytab::replace(proto::Descriptor file) {
  std::shared_ptr<const Keys> keys;
  Outcome outcome{SEC_E_NO_CREDENTIALS, "Kerberos: there is no keytab"};
  if (file) outcome = Keys::load(file, keys);
  if (file && !outcome.ok()) spdlog::warn("keytab: {}", outcome.detail);
  const std::lock_guard lock(mutex_);
  keys_.swap(keys);
  outcome_ = std::move(outcome);
}

Outcome Keytab::current(std::shared_ptr<const Keys>& keys) const {
  const std::lock_guard lock(mutex_);
  keys = keys_;
  return outcome_;
}

}  // namespace sspid::worker
