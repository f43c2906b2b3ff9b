// Opaque identities: made of strings and taken apart again, copied, compared, marshalled, encrypted, and used.
#include <cstring>
#include <memory>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "support/ex2.h"

namespace sspid::test {
namespace {

constexpr auto kStatusInvalidParameter = static_cast<SECURITY_STATUS>(0xC000000D);
constexpr ULONG kSameLogon = SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON;
constexpr ULONG kSameProcess = SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS;

PCWSTR characters(const std::u16string& text) { return reinterpret_cast<PCWSTR>(text.c_str()); }

std::u16string text_at(PCWSTR text) { return text ? std::u16string(reinterpret_cast<const char16_t*>(text)) : u""; }

/// Frees what it holds.
class Opaque {
 public:
  Opaque() = default;
  Opaque(const std::u16string& user, const std::u16string& domain, const std::u16string& password) {
    must("SspiEncodeStringsAsAuthIdentity",
         SspiEncodeStringsAsAuthIdentity(characters(user), characters(domain), characters(password), &identity_));
  }
  ~Opaque() { SspiFreeAuthIdentity(identity_); }
  Opaque(const Opaque&) = delete;
  Opaque& operator=(const Opaque&) = delete;

  [[nodiscard]] void* get() const { return identity_; }
  [[nodiscard]] void** out() { return &identity_; }
  [[nodiscard]] SEC_WINNT_AUTH_IDENTITY_EX2 header() const {
    SEC_WINNT_AUTH_IDENTITY_EX2 header{};
    std::memcpy(&header, identity_, sizeof header);
    return header;
  }
  [[nodiscard]] Bytes bytes() const {
    const auto* begin = static_cast<const std::uint8_t*>(identity_);
    return {begin, begin + header().cbStructureLength};
  }
  [[nodiscard]] Bytes marshalled() const {
    ULONG length = 0;
    char* memory = nullptr;
    must("SspiMarshalAuthIdentity", SspiMarshalAuthIdentity(identity_, &length, &memory));
    Bytes bytes(memory, memory + length);
    SspiLocalFree(memory);
    return bytes;
  }

 private:
  PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity_ = nullptr;
};

struct Strings {
  std::u16string user, domain, packed;
  bool has_user = false, has_domain = false, has_packed = false;
  SECURITY_STATUS status = SEC_E_OK;
};

Strings strings_of(void* identity) {
  PCWSTR user = nullptr, domain = nullptr, packed = nullptr;
  Strings strings;
  strings.status = SspiEncodeAuthIdentityAsStrings(identity, &user, &domain, &packed);
  strings.user = text_at(user);
  strings.domain = text_at(domain);
  strings.packed = text_at(packed);
  strings.has_user = user != nullptr;
  strings.has_domain = domain != nullptr;
  strings.has_packed = packed != nullptr;
  // C-12: either function frees them.
  SspiLocalFree(const_cast<SEC_WCHAR*>(user));
  SspiFreeAuthIdentity(const_cast<SEC_WCHAR*>(domain));
  SspiLocalFree(const_cast<SEC_WCHAR*>(packed));
  return strings;
}

void expect_strings(void* identity, const std::u16string& user, const std::u16string& domain,
                    const std::u16string& packed) {
  const Strings strings = strings_of(identity);
  EXPECT_STATUS(strings.status, SEC_E_OK);
  EXPECT_EQ(narrow(strings.user), narrow(user));
  EXPECT_EQ(narrow(strings.domain), narrow(domain));
  EXPECT_EQ(narrow(strings.packed), narrow(packed));
}

std::string hexadecimal(const Bytes& bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    constexpr const char* kDigits = "0123456789abcdef";
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

const std::u16string kSecret = u"pässwörd \U0001F511";

TEST(OpaqueIdentities, strings_come_back_as_they_went_in) {
  for (const std::u16string& text :
       {std::u16string(u"alice"), std::u16string(u""), std::u16string(u"jürgen \U0001F600"), std::u16string(1000, u'x'),
        std::u16string(u"DOM\\alice")}) {
    const Opaque identity(text, u"EXAMPLE.TEST", kSecret);
    EXPECT_STATUS(SspiValidateAuthIdentity(identity.get()), SEC_E_OK);
    expect_strings(identity.get(), text, u"EXAMPLE.TEST", kSecret);
  }
}

TEST(OpaqueIdentities, what_was_NULL_comes_back_as_NULL) {
  Opaque nothing;
  ASSERT_STATUS(SspiEncodeStringsAsAuthIdentity(nullptr, nullptr, nullptr, nothing.out()), SEC_E_OK);
  EXPECT_STATUS(SspiValidateAuthIdentity(nothing.get()), SEC_E_OK);
  const Strings none = strings_of(nothing.get());
  EXPECT_STATUS(none.status, SEC_E_OK);
  EXPECT_FALSE(none.has_user || none.has_domain || none.has_packed);
  const Opaque empty(u"", u"", u"");
  const Strings there = strings_of(empty.get());
  EXPECT_TRUE(there.has_user && there.has_domain && there.has_packed);
}

TEST(OpaqueIdentities, is_a_block_of_the_EX2_form) {
  const Opaque identity(u"alice", u"EXAMPLE.TEST", u"alicepw");
  const SEC_WINNT_AUTH_IDENTITY_EX2 header = identity.header();
  EXPECT_EQ(header.Version, ULONG{SEC_WINNT_AUTH_IDENTITY_VERSION_2});
  EXPECT_EQ(header.cbHeaderLength, sizeof header);
  const Bytes bytes = identity.bytes();
  EXPECT_EQ(header.cbStructureLength, bytes.size());
  const auto piece = [&](ULONG offset, ULONG length) {
    return Bytes(bytes.begin() + offset, bytes.begin() + offset + length);
  };
  EXPECT_EQ(piece(header.UserOffset, header.UserLength), utf16(u"alice"));
  EXPECT_EQ(piece(header.DomainOffset, header.DomainLength), utf16(u"EXAMPLE.TEST"));
  EXPECT_EQ(piece(header.PackedCredentialsOffset, header.PackedCredentialsLength), packed_password(u"alicepw"));
}

TEST(OpaqueIdentities, other_credentials_pass_as_base64) {
  const Bytes keytab = random_bytes(701);
  Bytes block = ex2({.user = utf16(u"svc"), .packed_credentials = packed_keytab(keytab)});
  const Strings strings = strings_of(block.data());
  ASSERT_STATUS(strings.status, SEC_E_OK);
  EXPECT_EQ(narrow(strings.packed.substr(0, 2)), "@@");
  const Opaque again(strings.user, strings.domain, strings.packed);
  const SEC_WINNT_AUTH_IDENTITY_EX2 header = again.header();
  const Bytes bytes = again.bytes();
  EXPECT_EQ(Bytes(bytes.begin() + header.PackedCredentialsOffset, bytes.end()), packed_keytab(keytab));
}

TEST(OpaqueIdentities, password_that_looks_like_base64_of_credentials_survives) {
  for (const std::u16string& password :
       {std::u16string(u"@@"), std::u16string(u"@@secret"), std::u16string(u"@@AAAA")}) {
    const Opaque identity(u"alice", u"", password);
    expect_strings(identity.get(), u"alice", u"", password);
  }
  // This one is the string of another password; as a password itself it has to be written in the same way.
  const Bytes inner = packed_password(u"x");
  Bytes block = ex2({.user = utf16(u"alice"), .packed_credentials = inner});
  const Opaque once(u"alice", u"", strings_of(block.data()).packed);
  expect_strings(once.get(), u"alice", u"", u"x");
}

TEST(OpaqueIdentities, the_forms_with_pointers_are_taken_too) {
  Identity alice("alice", "EXAMPLE.TEST", "pässwörd", "!ntlm");
  for (void* form : {static_cast<void*>(alice.ansi()), static_cast<void*>(alice.unicode()),
                     static_cast<void*>(alice.ansi_ex()), static_cast<void*>(alice.unicode_ex())}) {
    EXPECT_STATUS(SspiValidateAuthIdentity(form), SEC_E_OK);
    expect_strings(form, u"alice", u"EXAMPLE.TEST", u"pässwörd");
    Opaque copy;
    ASSERT_STATUS(SspiCopyAuthIdentity(form, copy.out()), SEC_E_OK);
    expect_strings(copy.get(), u"alice", u"EXAMPLE.TEST", u"pässwörd");
    BOOLEAN same_user = 0, same_identity = 0;
    ASSERT_STATUS(SspiCompareAuthIdentities(form, copy.get(), &same_user, &same_identity), SEC_E_OK);
    EXPECT_TRUE(same_user && same_identity);
    EXPECT_EQ(SspiIsAuthIdentityEncrypted(form), 0);
    SspiZeroAuthIdentity(form);  // what it points to may be constant
    expect_strings(form, u"alice", u"EXAMPLE.TEST", u"pässwörd");
  }
}

TEST(OpaqueIdentities, copies_are_independent) {
  Opaque copy;
  {
    const Opaque identity(u"alice", u"EXAMPLE.TEST", u"alicepw");
    ASSERT_STATUS(SspiCopyAuthIdentity(identity.get(), copy.out()), SEC_E_OK);
    SspiZeroAuthIdentity(identity.get());
    EXPECT_EQ(identity.header().Version, 0U);
  }
  expect_strings(copy.get(), u"alice", u"EXAMPLE.TEST", u"alicepw");
}

TEST(OpaqueIdentities, zero_leaves_nothing) {
  const Opaque identity(u"alice", u"EXAMPLE.TEST", u"alicepw");
  const std::size_t size = identity.bytes().size();
  SspiZeroAuthIdentity(identity.get());
  const auto* begin = static_cast<const std::uint8_t*>(identity.get());
  EXPECT_EQ(Bytes(begin, begin + size), Bytes(size, 0));

  Bytes foreign = ex2({.user = utf16(u"alice"), .packed_credentials = packed_password(u"alicepw")});
  SspiZeroAuthIdentity(foreign.data());
  EXPECT_EQ(foreign, Bytes(foreign.size(), 0));
}

TEST(OpaqueIdentities, freeing_nothing_and_foreign_memory_is_harmless) {
  SspiFreeAuthIdentity(nullptr);
  SspiZeroAuthIdentity(nullptr);
  SspiLocalFree(nullptr);
  const auto foreign = std::make_unique<char[]>(8);
  SspiFreeAuthIdentity(foreign.get());
  SspiLocalFree(foreign.get());
}

TEST(OpaqueIdentities, compares_users_without_case_and_credentials_exactly) {
  const Opaque alice(u"Alice", u"example.test", u"secret");
  struct Case {
    const char16_t *user, *domain, *password;
    bool same_user, same_identity;
  };
  for (const Case& each :
       {Case{u"aLICE", u"EXAMPLE.TEST", u"secret", true, true}, Case{u"Alice", u"example.test", u"Secret", true, false},
        Case{u"Alice", u"other.test", u"secret", false, false}, Case{u"Bob", u"example.test", u"secret", false, false},
        Case{u"Alic\u00E9", u"example.test", u"secret", false, false}}) {
    const Opaque other(each.user, each.domain, each.password);
    BOOLEAN same_user = 9, same_identity = 9;
    ASSERT_STATUS(SspiCompareAuthIdentities(alice.get(), other.get(), &same_user, &same_identity), SEC_E_OK);
    EXPECT_EQ(same_user != 0, each.same_user) << narrow(each.user);
    EXPECT_EQ(same_identity != 0, each.same_identity) << narrow(each.user);
  }
  BOOLEAN same_user = 9, same_identity = 9;
  ASSERT_STATUS(SspiCompareAuthIdentities(nullptr, nullptr, &same_user, &same_identity), SEC_E_OK);
  EXPECT_TRUE(same_user == 1 && same_identity == 1);
  ASSERT_STATUS(SspiCompareAuthIdentities(alice.get(), nullptr, &same_user, &same_identity), SEC_E_OK);
  EXPECT_TRUE(same_user == 0 && same_identity == 0);
}

TEST(OpaqueIdentities, marshalled_bytes_make_the_identity_again) {
  Identity alice("alice", "EXAMPLE.TEST", "alicepw", "!ntlm");
  Opaque identity;
  ASSERT_STATUS(SspiCopyAuthIdentity(alice.unicode_ex(), identity.out()), SEC_E_OK);
  const Bytes bytes = identity.marshalled();
  SEC_WINNT_AUTH_IDENTITY_EX2 header{};
  std::memcpy(&header, bytes.data(), sizeof header);
  EXPECT_EQ(header.cbStructureLength, bytes.size());
  EXPECT_NE(header.Flags & SEC_WINNT_AUTH_IDENTITY_MARSHALLED, 0U);

  Bytes shifted(1, 0);  // at an odd address
  shifted.insert(shifted.end(), bytes.begin(), bytes.end());
  Opaque again;
  ASSERT_STATUS(SspiUnmarshalAuthIdentity(static_cast<ULONG>(bytes.size()), reinterpret_cast<char*>(shifted.data() + 1),
                                          again.out()),
                SEC_E_OK);
  EXPECT_EQ(again.bytes(), identity.bytes());
}

TEST(OpaqueIdentities, E_176_fewer_bytes_than_the_structure_are_refused) {
  const Bytes whole = Opaque(u"alice", u"EXAMPLE.TEST", u"alicepw").marshalled();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    // In a block of exactly this size: AddressSanitizer sees one byte too many.
    const auto block = std::make_unique<char[]>(length);
    std::memcpy(block.get(), whole.data(), length);
    Opaque identity;
    EXPECT_STATUS(SspiUnmarshalAuthIdentity(static_cast<ULONG>(length), block.get(), identity.out()),
                  SEC_E_INVALID_PARAMETER)
        << length;
    EXPECT_EQ(identity.get(), nullptr);
  }
  Opaque identity;
  EXPECT_STATUS(SspiUnmarshalAuthIdentity(100, nullptr, identity.out()), SEC_E_INVALID_PARAMETER);
}

TEST(OpaqueIdentities, E_176_every_piece_outside_the_structure_is_refused) {
  const Bytes good = Opaque(u"alice", u"EXAMPLE.TEST", u"alicepw").marshalled();
  struct Lie {
    std::size_t offset;
    std::uint32_t value;
  };
  for (const Lie& lie : {Lie{4, 40}, Lie{8, 0xFFFFFFFF}, Lie{8, 47}, Lie{12, 0xFFFFFFFE}, Lie{12, 8}, Lie{16, 0xFFFE},
                         Lie{20, 0x7FFFFFFF}, Lie{28, 0xFFFFFFFF}, Lie{0, 0x202}}) {
    Bytes bytes = good;
    std::memcpy(bytes.data() + lie.offset, &lie.value, lie.offset == 4 || lie.offset == 16 ? 2 : 4);
    Opaque identity;
    EXPECT_STATUS(SspiUnmarshalAuthIdentity(static_cast<ULONG>(bytes.size()), reinterpret_cast<char*>(bytes.data()),
                                            identity.out()),
                  SEC_E_INVALID_PARAMETER)
        << lie.offset << ' ' << lie.value;
    if (lie.offset == 0) continue;  // then it is a form with pointers
    EXPECT_STATUS(SspiValidateAuthIdentity(bytes.data()), SEC_E_INVALID_PARAMETER) << lie.offset;
  }
}

TEST(OpaqueIdentities, E_175_encrypted_identity_is_not_made_into_strings) {
  (void)world();
  for (const ULONG option : {kSameLogon, kSameProcess}) {
    const Opaque identity(u"alice", u"EXAMPLE.TEST", kSecret);
    ASSERT_STATUS(SspiEncryptAuthIdentityEx(option, identity.get()), SEC_E_OK);
    const Strings strings = strings_of(identity.get());
    EXPECT_EQ(strings.status, kStatusInvalidParameter);
    EXPECT_FALSE(strings.has_user || strings.has_domain || strings.has_packed);
  }
}

TEST(OpaqueIdentities, encryption_hides_the_credential_and_can_be_undone) {
  (void)world();
  for (const ULONG option : {kSameLogon, kSameProcess}) {
    const Opaque identity(u"alice", u"EXAMPLE.TEST", kSecret);
    const Bytes before = identity.bytes();
    ASSERT_STATUS(SspiEncryptAuthIdentityEx(option, identity.get()), SEC_E_OK);
    EXPECT_EQ(SspiIsAuthIdentityEncrypted(identity.get()), 1);
    EXPECT_STATUS(SspiValidateAuthIdentity(identity.get()), SEC_E_OK);
    EXPECT_EQ(text_of(identity.bytes()).find(text_of(utf16(kSecret))), std::string::npos);
    const Bytes sealed = identity.bytes();
    EXPECT_STATUS(SspiEncryptAuthIdentityEx(option, identity.get()), SEC_E_OK) << "already";
    EXPECT_EQ(identity.bytes(), sealed);
    const ULONG other = option == kSameLogon ? kSameProcess : kSameLogon;
    EXPECT_STATUS(SspiEncryptAuthIdentityEx(other, identity.get()), SEC_E_INVALID_PARAMETER);
    EXPECT_STATUS(SspiDecryptAuthIdentityEx(other, identity.get()), SEC_E_INVALID_PARAMETER);
    ASSERT_STATUS(SspiDecryptAuthIdentityEx(option, identity.get()), SEC_E_OK);
    EXPECT_EQ(identity.bytes(), before);
    EXPECT_STATUS(SspiDecryptAuthIdentityEx(option, identity.get()), SEC_E_OK) << "nothing to do";
  }
}

TEST(OpaqueIdentities, encryption_without_options_is_for_this_process) {
  (void)world();
  const Opaque identity(u"alice", u"EXAMPLE.TEST", kSecret);
  ASSERT_STATUS(SspiEncryptAuthIdentity(identity.get()), SEC_E_OK);
  EXPECT_NE(identity.header().Flags & SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED, 0U);
  ASSERT_STATUS(SspiDecryptAuthIdentity(identity.get()), SEC_E_OK);
  expect_strings(identity.get(), u"alice", u"EXAMPLE.TEST", kSecret);
}

TEST(OpaqueIdentities, encrypted_copy_is_the_same_and_can_be_decrypted) {
  (void)world();
  const Opaque identity(u"alice", u"EXAMPLE.TEST", kSecret);
  ASSERT_STATUS(SspiEncryptAuthIdentity(identity.get()), SEC_E_OK);
  Opaque copy;
  ASSERT_STATUS(SspiCopyAuthIdentity(identity.get(), copy.out()), SEC_E_OK);
  EXPECT_EQ(SspiIsAuthIdentityEncrypted(copy.get()), 1);
  BOOLEAN same_user = 0, same_identity = 0;
  ASSERT_STATUS(SspiCompareAuthIdentities(identity.get(), copy.get(), &same_user, &same_identity), SEC_E_OK);
  EXPECT_TRUE(same_user && same_identity);
  ASSERT_STATUS(SspiDecryptAuthIdentity(copy.get()), SEC_E_OK);
  expect_strings(copy.get(), u"alice", u"EXAMPLE.TEST", kSecret);
}

TEST(OpaqueIdentities, whatever_was_changed_is_not_decrypted) {
  (void)world();
  const Opaque identity(u"alice", u"EXAMPLE.TEST", kSecret);
  ASSERT_STATUS(SspiEncryptAuthIdentity(identity.get()), SEC_E_OK);
  const SEC_WINNT_AUTH_IDENTITY_EX2 header = identity.header();
  auto* const bytes = static_cast<std::uint8_t*>(identity.get());
  const ULONG last = header.PackedCredentialsOffset + header.PackedCredentialsLength - 1;
  for (const ULONG at : {header.UserOffset, header.DomainOffset, header.PackedCredentialsOffset, last}) {
    bytes[at] ^= 1;
    const Bytes before = identity.bytes();
    EXPECT_STATUS(SspiDecryptAuthIdentity(identity.get()), SEC_E_DECRYPT_FAILURE) << at;
    EXPECT_EQ(identity.bytes(), before);
    bytes[at] ^= 1;
  }
  EXPECT_STATUS(SspiDecryptAuthIdentity(identity.get()), SEC_E_OK);
}

TEST(OpaqueIdentities, only_those_of_the_library_have_room_for_encryption) {
  (void)world();
  Bytes foreign = ex2({.user = utf16(u"alice"), .packed_credentials = packed_password(u"alicepw")});
  const Bytes before = foreign;
  EXPECT_STATUS(SspiEncryptAuthIdentity(foreign.data()), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(foreign, before);
  Identity alice("alice", "EXAMPLE.TEST", "alicepw");
  EXPECT_STATUS(SspiEncryptAuthIdentity(alice.unicode()), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(SspiEncryptAuthIdentity(nullptr), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(SspiDecryptAuthIdentity(nullptr), SEC_E_INVALID_PARAMETER);
  const Opaque identity(u"alice", u"EXAMPLE.TEST", kSecret);
  EXPECT_STATUS(SspiEncryptAuthIdentityEx(0, identity.get()), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(SspiEncryptAuthIdentityEx(kSameLogon | kSameProcess, identity.get()), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(SspiEncryptAuthIdentityEx(SEC_WINNT_AUTH_IDENTITY_ENCRYPT_FOR_SYSTEM, identity.get()),
                SEC_E_UNSUPPORTED_FUNCTION);
}

/// What another process says of an identity.
std::string elsewhere(const std::vector<std::string>& arguments, const Bytes& identity, const std::string& socket) {
  std::vector<std::string> command{built_program("conformance_program")};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.push_back(hexadecimal(identity));
  std::string output = run(command, with(world().realm.environment(), {{"SSPI_SOCKET", socket}})).output;
  return output.substr(0, output.find(' '));
}

TEST(OpaqueIdentities, same_logon_is_every_process_of_the_user) {
  World& here = world();
  const Opaque identity(u"bob", u"EXAMPLE.TEST", u"bobpw");
  ASSERT_STATUS(SspiEncryptAuthIdentityEx(kSameLogon, identity.get()), SEC_E_OK);
  const Bytes bytes = identity.marshalled();
  EXPECT_EQ(elsewhere({"decrypt-logon"}, bytes, here.daemon.socket()), "SEC_E_OK");
  EXPECT_EQ(elsewhere({"acquire-as"}, bytes, here.daemon.socket()), "SEC_E_OK");
}

TEST(OpaqueIdentities, same_process_is_no_other_process) {
  World& here = world();
  const Opaque identity(u"bob", u"EXAMPLE.TEST", u"bobpw");
  ASSERT_STATUS(SspiEncryptAuthIdentity(identity.get()), SEC_E_OK);
  const Bytes bytes = identity.marshalled();
  EXPECT_EQ(elsewhere({"decrypt-process"}, bytes, here.daemon.socket()), "SEC_E_DECRYPT_FAILURE");
  EXPECT_EQ(elsewhere({"acquire-as"}, bytes, here.daemon.socket()), "SEC_E_DECRYPT_FAILURE");
}

TEST(OpaqueIdentities, another_user_decrypts_nothing) {
  World& here = world();
  const Opaque identity(u"bob", u"EXAMPLE.TEST", u"bobpw");
  ASSERT_STATUS(SspiEncryptAuthIdentityEx(kSameLogon, identity.get()), SEC_E_OK);
  const Bytes bytes = identity.marshalled();
  // With a daemon of one's own, which has another key; and with this one, which does not serve him.
  const Variable socket("SSPI_SOCKET", here.daemon.socket());
  const DaemonProcess other(here.realm.environment());
  EXPECT_EQ(elsewhere({"decrypt-logon"}, bytes, other.socket()), "SEC_E_DECRYPT_FAILURE");
  if (::geteuid() != 0) return;
  EXPECT_NE(elsewhere({"as-nobody", "decrypt-logon"}, bytes, here.daemon.socket()), "SEC_E_OK");
}

TEST(OpaqueIdentities, forked_child_is_the_same_process) {
  (void)world();
  const Opaque identity(u"alice", u"EXAMPLE.TEST", kSecret);
  ASSERT_STATUS(SspiEncryptAuthIdentity(identity.get()), SEC_E_OK);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(SspiDecryptAuthIdentity(identity.get()) == SEC_E_OK ? 0 : 1);
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

class OpaqueCredentials : public EachPackage {};

TEST_P(OpaqueCredentials, log_on_like_any_other_form) {
  const std::u16string realm = wide(realm_.name());
  const Opaque identity(u"bob", realm, u"bobpw");
  for (const ULONG option : {ULONG{0}, kSameLogon, kSameProcess}) {
    Opaque form;
    ASSERT_STATUS(SspiCopyAuthIdentity(identity.get(), form.out()), SEC_E_OK);
    if (option != 0) {
      ASSERT_STATUS(SspiEncryptAuthIdentityEx(option, form.get()), SEC_E_OK);
    }
    Credential user = outbound(form.get());
    Credential service = inbound();
    Pair pair(user, service);
    EXPECT_EQ(pair.server.client_name(), realm_.qualified("bob"));
    EXPECT_EQ(SspiIsAuthIdentityEncrypted(form.get()) != 0, option != 0) << "left as it was";
  }
}

TEST_P(OpaqueCredentials, package_can_be_excluded) {
  const Opaque identity(u"bob", wide(realm_.name()), u"bobpw");
  Opaque without;
  ASSERT_STATUS(SspiExcludePackage(identity.get(), characters(u"ntlm"), without.out()), SEC_E_OK);
  expect_strings(without.get(), u"bob", wide(realm_.name()), u"bobpw");
  const auto list = [](const Opaque& from) {
    const SEC_WINNT_AUTH_IDENTITY_EX2 header = from.header();
    const Bytes bytes = from.bytes();
    const auto begin = bytes.begin() + header.PackageListOffset;
    return Bytes(begin, begin + header.PackageListLength);
  };
  EXPECT_EQ(list(without), utf16(u"!ntlm"));
  Opaque more;
  ASSERT_STATUS(SspiExcludePackage(without.get(), characters(u"Digest"), more.out()), SEC_E_OK);
  EXPECT_EQ(list(more), utf16(u"!ntlm,!Digest"));

  Credential user = outbound(without.get());
  Credential service = inbound();
  Pair pair(user, service);
  EXPECT_EQ(pair.server.client_name(), realm_.qualified("bob"));

  // NULL is the caller's own credential.
  Opaque own;
  ASSERT_STATUS(SspiExcludePackage(nullptr, characters(u"ntlm"), own.out()), SEC_E_OK);
  Credential mine = outbound(own.get());
  Pair as_myself(mine, service);
  EXPECT_EQ(as_myself.server.client_name(), realm_.qualified("alice"));
  for (const char16_t* name : {u"", u"a,b", u"!x"}) {
    Opaque none;
    EXPECT_STATUS(SspiExcludePackage(identity.get(), reinterpret_cast<PCWSTR>(name), none.out()),
                  SEC_E_INVALID_PARAMETER);
  }
}

FOR_EACH_PACKAGE(OpaqueCredentials);

TEST(TargetHostName, is_behind_the_first_slash) {
  struct Case {
    const char16_t *target, *host;
  };
  for (const Case& each :
       {Case{u"ldap/dc1.example.test", u"dc1.example.test"},
        Case{u"ldap/dc1.example.test/EXAMPLE", u"dc1.example.test"}, Case{u"MSSQLSvc/db:1433", u"db"},
        Case{u"host/h@REALM", u"h"}, Case{u"plain", u"plain"}, Case{u"HTTP/bücher.test", u"bücher.test"}}) {
    PWSTR host = nullptr;
    ASSERT_STATUS(SspiGetTargetHostName(reinterpret_cast<PCWSTR>(each.target), &host), SEC_E_OK);
    EXPECT_EQ(narrow(text_at(host)), narrow(each.host));
    SspiLocalFree(host);
  }
  for (const char16_t* target : {u"", u"host/", u"host/:80", u"host/@REALM"}) {
    PWSTR host = reinterpret_cast<PWSTR>(&host);
    EXPECT_STATUS(SspiGetTargetHostName(reinterpret_cast<PCWSTR>(target), &host), SEC_E_INVALID_PARAMETER);
    EXPECT_EQ(host, nullptr);
  }
}

TEST(PromptingNeeded, where_other_credentials_could_help) {
  for (const SECURITY_STATUS status : {SEC_E_NO_CREDENTIALS, SEC_E_LOGON_DENIED, SEC_E_UNKNOWN_CREDENTIALS})
    EXPECT_EQ(SspiIsPromptingNeeded(static_cast<ULONG>(status)), 1) << status_name(status);
  for (const SECURITY_STATUS status : {SEC_E_OK, SEC_E_TIME_SKEW, SEC_E_NO_AUTHENTICATING_AUTHORITY})
    EXPECT_EQ(SspiIsPromptingNeeded(static_cast<ULONG>(status)), 0) << status_name(status);
}

}  // namespace
}  // namespace sspid::test
