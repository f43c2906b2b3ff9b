#include "daemon/worker/keytab.h"

#include <atomic>

#include <spdlog/spdlog.h>

#include "daemon/worker/gss/status.h"
#include "daemon/worker/worker.h"

namespace sspid::worker {

namespace {

std::string next_name() {
  static std::atomic<unsigned> counter{0};
  return "MEMORY:sspid-" + std::to_string(counter.fetch_add(1));
}

}  // namespace

Keys::Keys() : name_(next_name()), keytab_(context_) {}

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
  krb5_error_code code = loaded->context_.initialize();
  krb5_context context = loaded->context_.get();
  loaded->keytab_ = gss::KeytabHandle(loaded->context_);
  gss::KeytabHandle source(loaded->context_);
  const std::string path = "FILE:/proc/self/fd/" + std::to_string(file.get());
  if (!code) code = krb5_kt_resolve(context, path.c_str(), source.out());
  if (!code) code = krb5_kt_resolve(context, loaded->name_.c_str(), loaded->keytab_.out());
  if (!code) code = loaded->copy_entries(source.get());
  if (code) return {SEC_E_NO_CREDENTIALS, "Kerberos: reading the keytab: " + gss::describe_krb5(context, code)};
  keys = loaded;
  return {};
}

bool Keys::holds(const std::string& principal) const {
  const std::lock_guard lock(mutex_);
  gss::Principal wanted(context_);
  gss::KeytabEntry entry(context_);
  return krb5_parse_name(context_.get(), principal.c_str(), wanted.out()) == 0 &&
         krb5_kt_get_entry(context_.get(), keytab_.get(), wanted.get(), 0, 0, entry.out()) == 0;
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
