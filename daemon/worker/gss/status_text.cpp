// The texts of status.h: MIT's messages made fit for one line, and a way back from a message to its code.
#include <algorithm>
#include <cerrno>

#include <krb5/krb5.h>

#include "daemon/worker/gss/handle.h"
#include "daemon/worker/gss/krb5_handle.h"
#include "daemon/worker/gss/status.h"
#include "proto/limits.h"

namespace sspid::worker::gss {

namespace {

/// A mechanism that kept asking for one more round would keep us here for ever.
constexpr int kMaxRounds = 16;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Cuts between characters of UTF-8, never inside one.
void cut(std::string& text, std::size_t length) {
  if (text.size() <= length) return;
  while (length > 0 && is_continuation(text[length])) --length;
  text.resize(length);
}

/// No control characters (principals may hold any), no runs of blanks, no more than a reply may carry.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool blank = byte <= ' ' || byte == 0x7F;
    if (!blank)
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  cut(line, proto::kMaxDetail);
  return line;
}

/// All messages that belong to one code.
std::string display(OM_uint32 code, int type, gss_OID mechanism) {
  std::string text;
  OM_uint32 more = 0;
  for (int round = 0; round < kMaxRounds; ++round) {
    OM_uint32 minor = 0;
    Buffer message;
    if (GSS_ERROR(gss_display_status(&minor, code, type, mechanism, &more, message.out()))) break;
    if (!text.empty() && !message.empty()) text += ", ";
    text += message.text();
    if (more == 0) break;
  }
  return text;
}

/// Messages with names in them, which MIT makes instead of a code's own text: what stands before and after the name.
struct Message {
  krb5_error_code code;
  std::string_view before;
  std::string_view after;
};

constexpr Message kMessages[] = {
    {KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, "Server ", " not found in Kerberos database"},
    {KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, "Client '", "' not found in Kerberos database"},
    {KRB5_REALM_UNKNOWN, "Cannot find KDC for realm ", ""},
    {KRB5_KDC_UNREACH, "Cannot contact any KDC for realm ", ""},
    {KRB5_CC_NOTFOUND, "Can't find client principal ", " in cache collection"},
    {KRB5_FCC_NOFILE, "No Kerberos credentials available", ""},
    {KRB5_FCC_NOFILE, "Credentials cache ", " not found"},
    {KRB5_KT_NOTFOUND, "Keytab ", " is nonexistent or empty"},
    {KRB5_KT_NOTFOUND, "Keytab contains no suitable keys for ", ""},
    {KRB5_KT_NOTFOUND, "Key table file '", "' not found"},
    {KRB5_KT_NOTFOUND, "No key table entry found ", ""},
    {KRB5KRB_AP_WRONG_PRINC, "Server principal ", " does not match "},
    {KRB5KRB_AP_ERR_NOT_US, "Request ticket server ", " in keytab"},
    {KRB5KRB_AP_ERR_BADKEYVER, "Cannot find key for ", " in keytab"},
    {KRB5KRB_AP_ERR_MODIFIED, "Cannot decrypt ticket for ", " using keytab key for "},
    {KRB5_NOPERM_ETYPE, "Encryption type ", " not permitted"},
    {KRB5_RC_IO, "Replay cache file ", " is not owned by "},
    {KRB5_PARSE_MALFORMED, "Principal ", " is missing required realm"},
};

/// Codes that a peer or a KDC can cause, with the text that libkrb5 has for each.
constexpr krb5_error_code kWithPlainText[] = {
    KRB5KDC_ERR_NAME_EXP,
    KRB5KDC_ERR_SERVICE_EXP,
    KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN,
    KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN,
    KRB5KDC_ERR_PRINCIPAL_NOT_UNIQUE,
    KRB5KDC_ERR_NULL_KEY,
    KRB5KDC_ERR_POLICY,
    KRB5KDC_ERR_BADOPTION,
    KRB5KDC_ERR_ETYPE_NOSUPP,
    KRB5KDC_ERR_CLIENT_REVOKED,
    KRB5KDC_ERR_SERVICE_REVOKED,
    KRB5KDC_ERR_TGT_REVOKED,
    KRB5KDC_ERR_KEY_EXP,
    KRB5KDC_ERR_PREAUTH_FAILED,
    KRB5KDC_ERR_MUST_USE_USER2USER,
    KRB5KDC_ERR_SVC_UNAVAILABLE,
    KRB5KDC_ERR_WRONG_REALM,
    KRB5KRB_AP_ERR_BAD_INTEGRITY,
    KRB5KRB_AP_ERR_TKT_EXPIRED,
    KRB5KRB_AP_ERR_TKT_NYV,
    KRB5KRB_AP_ERR_REPEAT,
    KRB5KRB_AP_ERR_NOT_US,
    KRB5KRB_AP_WRONG_PRINC,
    KRB5KRB_AP_ERR_BADMATCH,
    KRB5KRB_AP_ERR_SKEW,
    KRB5KRB_AP_ERR_BADADDR,
    KRB5KRB_AP_ERR_BADVERSION,
    KRB5KRB_AP_ERR_MSG_TYPE,
    KRB5KRB_AP_ERR_MODIFIED,
    KRB5KRB_AP_ERR_BADORDER,
    KRB5KRB_AP_ERR_BADSEQ,
    KRB5KRB_AP_ERR_BADKEYVER,
    KRB5KRB_AP_ERR_NOKEY,
    KRB5KRB_AP_ERR_MUT_FAIL,
    KRB5KRB_AP_ERR_INAPP_CKSUM,
    KRB5KRB_AP_ERR_USER_TO_USER_REQUIRED,
    KRB5_KDCREP_SKEW,
    KRB5_KDCREP_MODIFIED,
    KRB5_KDC_UNREACH,
    KRB5_REALM_UNKNOWN,
    KRB5_REALM_CANT_RESOLVE,
    EAGAIN,
    KRB5_CC_NOTFOUND,
    KRB5_CC_NOT_KTYPE,
    KRB5_KT_NOTFOUND,
    KRB5_KT_KVNONOTFOUND,
    KRB5_PROG_ETYPE_NOSUPP,
    KRB5_BAD_ENCTYPE,
    KRB5_NOPERM_ETYPE,
    KRB5_PREAUTH_FAILED,
    KRB5_GET_IN_TKT_LOOP,
    KRB5_TKT_NOT_FORWARDABLE,
    KRB5_BAD_MSIZE,
    KRB5_RC_IO,
};

krb5_error_code code_of_message(std::string_view text) {
  for (const Message& message : kMessages) {
    const std::size_t before = text.find(message.before);
    if (before == std::string_view::npos) continue;
    if (text.find(message.after, before + message.before.size()) != std::string_view::npos) return message.code;
  }
  return 0;
}

/// libkrb5 registers its texts when it is first initialised.
void register_texts() {
  static const krb5_error_code once = Krb5Context().initialize();
  (void)once;  // even without a usable krb5.conf the texts are there
}

/// The longest text counts, as one may be the beginning of another.
krb5_error_code code_of_plain_text(std::string_view text) {
  register_texts();
  std::size_t longest = 0;
  krb5_error_code found = 0;
  for (const krb5_error_code code : kWithPlainText) {
    const std::string_view own = krb5_get_error_message(nullptr, code);  // static memory when there is no context
    if (own.size() <= longest || text.find(own) == std::string_view::npos) continue;
    longest = own.size();
    found = code;
  }
  return found;
}

}  // namespace

krb5_error_code minor_in(std::string_view text) {
  const krb5_error_code code = code_of_message(text);
  return code != 0 ? code : code_of_plain_text(text);
}

std::string describe(OM_uint32 major, OM_uint32 minor, gss_OID mechanism) {
  std::string text = display(major, GSS_C_GSS_CODE, mechanism);
  if (minor != 0)
    if (const std::string why = display(minor, GSS_C_MECH_CODE, mechanism); !why.empty())
      text += (text.empty() ? "" : ": ") + why;
  return one_line(text);
}

std::string describe_krb5(krb5_context context, krb5_error_code code) {
  const char* message = krb5_get_error_message(context, code);
  std::string line = one_line(message);
  krb5_free_error_message(context, message);
  return line;
}

}  // namespace sspid::worker::gss
