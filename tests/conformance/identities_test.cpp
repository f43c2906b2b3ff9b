// Section A, third part: users with a password, in the forms in which AcquireCredentialsHandle takes them.
#include <algorithm>
#include <memory>

#include "calls.h"

namespace sspid::test {
namespace {

class Identities : public EachPackage {
 protected:
  [[nodiscard]] SECURITY_STATUS acquire(void* identity) const {
    return Acquired({.package = GetParam(), .identity = identity}).status;
  }

  static SECURITY_STATUS first_leg(Credential& credential, const char* target = kTarget) {
    SspiInitiator client(credential, target);
    client.step({});
    return client.status();
  }

  std::size_t requests_to_the_kdc() const {
    const std::string log = realm_.kdc_log();
    std::size_t count = 0;
    for (std::size_t at = log.find("_REQ ("); at != std::string::npos; at = log.find("_REQ (", at + 1)) ++count;
    return count;
  }

  // Whom the service sees.
  std::string accepted_as(Credential& credential) const {
    Credential service = inbound();
    Pair pair(credential, service);
    return pair.server.client_name();
  }

  std::string accepted_as(void* identity) const {
    Credential credential = outbound(identity);
    return accepted_as(credential);
  }
};

// Characters in a block that ends with the last of them.
template <class Char>
class Exactly {
 public:
  explicit Exactly(const std::basic_string<Char>& text)
      : size_(static_cast<ULONG>(text.size())), characters_(std::make_unique<Char[]>(text.size())) {
    std::copy(text.begin(), text.end(), characters_.get());
  }
  template <class Pointer>
  [[nodiscard]] Pointer as() const {
    return reinterpret_cast<Pointer>(characters_.get());
  }
  [[nodiscard]] ULONG size() const { return size_; }

 private:
  ULONG size_;
  std::unique_ptr<Char[]> characters_;
};

TEST_P(Identities, every_form_names_the_user) {
  Identity bob("bob", realm_.name(), "bobpw");
  EXPECT_EQ(accepted_as(bob.ansi()), realm_.qualified("bob"));
  EXPECT_EQ(accepted_as(bob.unicode()), realm_.qualified("bob"));
  EXPECT_EQ(accepted_as(bob.ansi_ex()), realm_.qualified("bob"));
  EXPECT_EQ(accepted_as(bob.unicode_ex()), realm_.qualified("bob"));
}

TEST_P(Identities, user_may_be_written_in_several_ways) {
  Identity without_domain("bob", "", "bobpw");
  EXPECT_EQ(accepted_as(without_domain.unicode()), realm_.qualified("bob"));
  Identity user_principal_name(realm_.qualified("bob"), "", "bobpw");
  EXPECT_EQ(accepted_as(user_principal_name.unicode()), realm_.qualified("bob"));
  Identity lower_case_domain("bob", "example.test", "bobpw");
  EXPECT_EQ(accepted_as(lower_case_domain.unicode()), realm_.qualified("bob"));
}

TEST_P(Identities, letters_beyond_ASCII_pass_in_both_encodings) {
  realm_.add_user("jürgen", "pässwörd");
  Identity user("jürgen", realm_.name(), "pässwörd");
  EXPECT_EQ(accepted_as(user.unicode()), realm_.qualified("jürgen"));
  EXPECT_EQ(accepted_as(user.ansi()), realm_.qualified("jürgen"));
  realm_.remove("jürgen");
}

TEST_P(Identities, E_013_wrong_password_shows_in_initialize) {
  Identity alice("alice", realm_.name(), "wrong");
  Credential credential = outbound(alice.unicode());
  EXPECT_STATUS(first_leg(credential), SEC_E_LOGON_DENIED);
  EXPECT_STATUS(first_leg(credential), SEC_E_LOGON_DENIED) << "the second time";
}

TEST_P(Identities, E_013_acquiring_contacts_no_KDC) {
  Identity alice("alice", realm_.name(), "alicepw");
  realm_.stop_kdc();
  EXPECT_STATUS(acquire(alice.unicode()), SEC_E_OK);
  realm_.start_kdc();

  const std::size_t before = requests_to_the_kdc();
  Credential credential = outbound(alice.unicode());
  EXPECT_EQ(requests_to_the_kdc(), before);
  EXPECT_STATUS(first_leg(credential), SEC_I_CONTINUE_NEEDED);
  EXPECT_GT(requests_to_the_kdc(), before);
}

TEST_P(Identities, E_015_encoding_must_be_either_ANSI_or_UNICODE) {
  Identity alice("alice", realm_.name(), "alicepw");
  for (const ULONG flags : {ULONG{0}, ULONG{SEC_WINNT_AUTH_IDENTITY_ANSI | SEC_WINNT_AUTH_IDENTITY_UNICODE}}) {
    SEC_WINNT_AUTH_IDENTITY_A form = *alice.ansi();
    form.Flags = flags;
    EXPECT_STATUS(acquire(&form), SEC_E_INVALID_PARAMETER) << flags;
    SEC_WINNT_AUTH_IDENTITY_EXW form_ex = *alice.unicode_ex();
    form_ex.Flags = flags;
    EXPECT_STATUS(acquire(&form_ex), SEC_E_INVALID_PARAMETER) << flags;
  }
}

TEST_P(Identities, E_016_lengths_count_characters_and_strings_need_no_end) {
  const Exactly<char> user("bob"), domain(realm_.name()), password("bobpw");
  SEC_WINNT_AUTH_IDENTITY_A form{
      user.as<unsigned char*>(),     user.size(),     domain.as<unsigned char*>(), domain.size(),
      password.as<unsigned char*>(), password.size(), SEC_WINNT_AUTH_IDENTITY_ANSI};
  EXPECT_EQ(accepted_as(&form), realm_.qualified("bob"));

  const Exactly<char16_t> wide_user(u"bob"), wide_domain(wide(realm_.name())), wide_password(u"bobpw");
  SEC_WINNT_AUTH_IDENTITY_W wide_form{
      wide_user.as<unsigned short*>(),     wide_user.size(),     wide_domain.as<unsigned short*>(), wide_domain.size(),
      wide_password.as<unsigned short*>(), wide_password.size(), SEC_WINNT_AUTH_IDENTITY_UNICODE};
  EXPECT_EQ(accepted_as(&wide_form), realm_.qualified("bob"));
}

TEST_P(Identities, E_016_no_more_than_the_length_is_taken) {
  const Exactly<char> user("bobby"), domain(realm_.name()), password("bobpw and more");
  SEC_WINNT_AUTH_IDENTITY_A form{user.as<unsigned char*>(),     3, domain.as<unsigned char*>(), domain.size(),
                                 password.as<unsigned char*>(), 5, SEC_WINNT_AUTH_IDENTITY_ANSI};
  EXPECT_EQ(accepted_as(&form), realm_.qualified("bob"));
}

TEST_P(Identities, E_017_caller_may_wipe_the_identity_at_once) {
  auto identity = std::make_unique<Identity>("bob", realm_.name(), "bobpw");
  SEC_WINNT_AUTH_IDENTITY_A* form = identity->ansi();
  Credential credential = outbound(form);
  std::fill_n(form->Password, form->PasswordLength, static_cast<unsigned char>(0));
  std::fill_n(form->User, form->UserLength, static_cast<unsigned char>(0));
  identity.reset();
  EXPECT_EQ(accepted_as(credential), realm_.qualified("bob"));
}

TEST_P(Identities, E_018_flags_decide_the_encoding_and_not_the_function) {
  Identity bob("bob", realm_.name(), "bobpw");
  std::string package = package_;
  CredHandle handle{};
  ASSERT_STATUS(AcquireCredentialsHandleA(nullptr, package.data(), SECPKG_CRED_OUTBOUND, nullptr, bob.unicode(),
                                          nullptr, nullptr, &handle, nullptr),
                SEC_E_OK);
  OwnedContext context;
  Buffers output;
  output.room(SECBUFFER_TOKEN, 65536);
  EXPECT_STATUS(initialize({.credential = &handle, .new_context = context.get(), .output = output.get()}),
                SEC_I_CONTINUE_NEEDED);
  FreeCredentialsHandle(&handle);
  EXPECT_EQ(accepted_as(bob.ansi()), realm_.qualified("bob"));  // the W function with UTF-8
}

TEST_P(Identities, password_is_never_looked_up_in_the_callers_tickets) {
  // The caller has alice's tickets; who says to be alice must still know her password.
  Identity impostor("alice", realm_.name(), "wrong");
  Credential credential = outbound(impostor.unicode());
  EXPECT_STATUS(first_leg(credential), SEC_E_LOGON_DENIED);
}

TEST_P(Identities, E_190_user_without_a_password_is_denied) {
  Identity alice("alice", realm_.name(), "");
  SEC_WINNT_AUTH_IDENTITY_W null_password = *alice.unicode();
  null_password.Password = nullptr;
  null_password.PasswordLength = 0;
  SEC_WINNT_AUTH_IDENTITY_EXA null_password_ex = *alice.ansi_ex();
  null_password_ex.Password = nullptr;
  null_password_ex.PasswordLength = 0;
  for (void* form : {static_cast<void*>(alice.unicode()), static_cast<void*>(alice.ansi()),
                     static_cast<void*>(&null_password), static_cast<void*>(&null_password_ex)}) {
    Credential credential = outbound(form);
    EXPECT_STATUS(first_leg(credential), SEC_E_LOGON_DENIED);
  }
}

TEST_P(Identities, E_190_user_without_a_password_is_denied_even_where_the_KDC_wants_none) {
  realm_.add_user("careless", "x", "-requires_preauth");
  Identity user("careless", realm_.name(), "");
  Credential credential = outbound(user.unicode());
  EXPECT_STATUS(first_leg(credential), SEC_E_LOGON_DENIED);
  realm_.remove("careless");
}

FOR_EACH_PACKAGE(Identities);

class NegotiatedIdentities : public ::testing::Test {
 protected:
  World& world_ = world();
  Realm& realm_ = world_.realm;

  // Of a first leg with this identity, and its token.
  static SECURITY_STATUS first_leg(void* identity, const char* target, Bytes* token = nullptr) {
    Credential credential("Negotiate", SECPKG_CRED_OUTBOUND, identity);
    SspiInitiator client(credential, target);
    const Leg leg = client.step({});
    if (token != nullptr) *token = leg.token;
    return client.status();
  }
};

// 1.3.6.1.4.1.311.2.2.10 in DER
const Bytes kNtlmOid{0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a};

TEST_F(NegotiatedIdentities, E_019_excluded_NTLM_is_never_offered_nor_fallen_back_to) {
  for (const char* list : {"!ntlm", "!NTLM", "kerberos", "Kerberos,!ntlm"}) {
    Identity alice("alice", realm_.name(), "alicepw", list);
    Bytes token;
    EXPECT_STATUS(first_leg(alice.unicode_ex(), kTarget, &token), SEC_I_CONTINUE_NEEDED) << list;
    EXPECT_EQ(std::search(token.begin(), token.end(), kNtlmOid.begin(), kNtlmOid.end()), token.end()) << list;
    EXPECT_STATUS(first_leg(alice.ansi_ex(), "nosuch/localhost"), SEC_E_TARGET_UNKNOWN) << list;
  }
}

TEST_F(NegotiatedIdentities, E_019_package_list_alone_keeps_the_callers_own_tickets) {
  Identity nobody("", "", "", "kerberos");
  SEC_WINNT_AUTH_IDENTITY_EXW form = *nobody.unicode_ex();
  form.User = form.Domain = form.Password = nullptr;
  Credential credential("Negotiate", SECPKG_CRED_OUTBOUND, &form);
  EXPECT_EQ(credential.name(), realm_.qualified("alice"));
  EXPECT_STATUS(first_leg(&form, kTarget), SEC_I_CONTINUE_NEEDED);
}

TEST_F(NegotiatedIdentities, E_020_list_without_an_available_package_shows_in_initialize) {
  for (const char* list : {"ntlm", "schannel", "!kerberos", "!ntlm,!kerberos"}) {
    Identity alice("alice", realm_.name(), "alicepw", list);
    EXPECT_STATUS(first_leg(alice.unicode_ex(), kTarget), SEC_E_NO_CREDENTIALS) << list;
  }
}

TEST_F(NegotiatedIdentities, E_028_user_and_password_have_256_characters_at_most) {
  const std::string longest(256, 'x');
  const std::string too_long(257, 'x');
  const auto acquire = [&](const std::string& user, const std::string& password) {
    Identity identity(user, realm_.name(), password);
    return Acquired({.package = "Negotiate", .identity = identity.unicode()}).status;
  };
  EXPECT_STATUS(acquire(longest, longest), SEC_E_OK);
  EXPECT_STATUS(acquire(too_long, "x"), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(acquire("x", too_long), SEC_E_INVALID_PARAMETER);
}

TEST_F(NegotiatedIdentities, E_028_characters_are_counted_and_not_bytes) {
  std::string longest;
  for (int i = 0; i < 256; ++i) longest += "ü";
  Identity identity("x", realm_.name(), longest);
  EXPECT_STATUS(Acquired({.package = "Negotiate", .identity = identity.ansi()}).status, SEC_E_OK);
  Identity too_long("x", realm_.name(), longest + "ü");
  EXPECT_STATUS(Acquired({.package = "Negotiate", .identity = too_long.ansi()}).status, SEC_E_INVALID_PARAMETER);
}

}  // namespace
}  // namespace sspid::test
