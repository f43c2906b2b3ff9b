// Section A, first part: the dispatch table, the packages, the memory that the library hands out.
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <set>
#include <string>

#include "calls.h"

namespace sspid::test {
namespace {

class Packages : public ::testing::Test {
 protected:
  World& world_ = world();
};

struct Freed {
  void operator()(void* memory) const { FreeContextBuffer(memory); }
};
using InfosW = std::unique_ptr<SecPkgInfoW, Freed>;
using InfosA = std::unique_ptr<SecPkgInfoA, Freed>;

InfosW enumerate(ULONG& count) {
  SecPkgInfoW* all = nullptr;
  must("EnumerateSecurityPackagesW", EnumerateSecurityPackagesW(&count, &all));
  return InfosW(all);
}

InfosW query(const std::string& name) {
  std::u16string wide_name = wide(name);
  SecPkgInfoW* info = nullptr;
  must("QuerySecurityPackageInfoW", QuerySecurityPackageInfoW(wide_name.data(), &info));
  return InfosW(info);
}

// The words of a table behind its version.
template <class Table>
std::array<void*, (sizeof(Table) - 8) / 8> slots(const Table& table) {
  std::array<void*, (sizeof(Table) - 8) / 8> result{};
  std::memcpy(result.data(), reinterpret_cast<const char*>(&table) + 8, sizeof result);
  return result;
}

// Reserved2, 3, 4 and 8, by their offsets.
constexpr std::set<std::size_t>::size_type kReserved = 4;
template <class Table>
std::set<std::size_t> reserved_slots() {
  return {offsetof(Table, Reserved2) / 8 - 1, offsetof(Table, Reserved3) / 8 - 1, offsetof(Table, Reserved4) / 8 - 1,
          offsetof(Table, Reserved8) / 8 - 1};
}

template <class Table>
void expect_filled(const Table& table) {
  const auto words = slots(table);
  const auto reserved = reserved_slots<Table>();
  ASSERT_EQ(reserved.size(), kReserved);
  for (std::size_t i = 0; i < words.size(); ++i)
    EXPECT_EQ(words[i] == nullptr, reserved.contains(i)) << "slot at offset " << 8 * (i + 1);
}

TEST_F(Packages, E_001_dispatch_table_is_the_same_at_each_call_and_filled) {
  ASSERT_NE(InitSecurityInterfaceW(), nullptr);
  EXPECT_EQ(InitSecurityInterfaceW(), InitSecurityInterfaceW());
  EXPECT_EQ(InitSecurityInterfaceA(), InitSecurityInterfaceA());
  expect_filled(*InitSecurityInterfaceW());
  expect_filled(*InitSecurityInterfaceA());
}

TEST_F(Packages, E_002_both_tables_free_credentials_by_one_function_at_offset_32) {
  EXPECT_EQ(offsetof(SecurityFunctionTableA, FreeCredentialsHandle), 32U);
  EXPECT_EQ(offsetof(SecurityFunctionTableW, FreeCredentialsHandle), 32U);
  EXPECT_EQ(InitSecurityInterfaceA()->FreeCredentialsHandle, &FreeCredentialsHandle);
  EXPECT_EQ(InitSecurityInterfaceW()->FreeCredentialsHandle, &FreeCredentialsHandle);
}

TEST_F(Packages, E_003_without_its_mechanism_NTLM_is_absent_and_Negotiate_is_there) {
  ULONG count = 0;
  const InfosW all = enumerate(count);
  std::set<std::string> names;
  for (ULONG i = 0; i < count; ++i) names.insert(narrow(all.get()[i].Name));
  EXPECT_EQ(names, (std::set<std::string>{"Kerberos", "Negotiate"}));
  EXPECT_EQ(count, 2U);
}

TEST_F(Packages, E_004_one_release_frees_the_array_and_its_strings) {
  ULONG count = 0;
  SecPkgInfoW* all = nullptr;
  ASSERT_STATUS(EnumerateSecurityPackagesW(&count, &all), SEC_E_OK);
  ASSERT_GT(count, 0U);
  EXPECT_STATUS(FreeContextBuffer(all->Name), SEC_E_INVALID_HANDLE);
  EXPECT_STATUS(FreeContextBuffer(all->Comment), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(narrow(all->Name), "Negotiate") << "a refused release has freed something";
  EXPECT_STATUS(FreeContextBuffer(all), SEC_E_OK);
  EXPECT_STATUS(FreeContextBuffer(all), SEC_E_INVALID_HANDLE);
}

TEST_F(Packages, E_004_A_form_tells_the_same_as_W) {
  ULONG count = 0;
  ULONG count_a = 0;
  const InfosW wide_form = enumerate(count);
  SecPkgInfoA* raw = nullptr;
  ASSERT_STATUS(EnumerateSecurityPackagesA(&count_a, &raw), SEC_E_OK);
  const InfosA form(raw);
  ASSERT_EQ(count_a, count);
  for (ULONG i = 0; i < count; ++i) {
    const SecPkgInfoA& a = form.get()[i];
    const SecPkgInfoW& w = wide_form.get()[i];
    EXPECT_EQ(a.Name, narrow(w.Name));
    EXPECT_EQ(a.Comment, narrow(w.Comment));
    EXPECT_EQ(a.fCapabilities, w.fCapabilities);
    EXPECT_EQ(a.wRPCID, w.wRPCID);
    EXPECT_EQ(a.cbMaxToken, w.cbMaxToken);
  }
}

TEST_F(Packages, E_005_unknown_package_is_not_found_and_no_output_is_touched) {
  auto* const before = reinterpret_cast<SecPkgInfoW*>(0x1234);
  SecPkgInfoW* info = before;
  std::u16string name = u"Nope";
  EXPECT_STATUS(QuerySecurityPackageInfoW(name.data(), &info), SEC_E_SECPKG_NOT_FOUND);
  EXPECT_EQ(info, before);

  auto* const before_a = reinterpret_cast<SecPkgInfoA*>(0x1234);
  SecPkgInfoA* info_a = before_a;
  std::string name_a = "Nope";
  EXPECT_STATUS(QuerySecurityPackageInfoA(name_a.data(), &info_a), SEC_E_SECPKG_NOT_FOUND);
  EXPECT_EQ(info_a, before_a);
}

TEST_F(Packages, E_006_null_name_is_not_found_and_null_result_is_invalid) {
  SecPkgInfoW* info = nullptr;
  EXPECT_STATUS(QuerySecurityPackageInfoW(nullptr, &info), SEC_E_SECPKG_NOT_FOUND);
  std::u16string name = u"Kerberos";
  EXPECT_STATUS(QuerySecurityPackageInfoW(name.data(), nullptr), SEC_E_INVALID_PARAMETER);

  SecPkgInfoA* info_a = nullptr;
  EXPECT_STATUS(QuerySecurityPackageInfoA(nullptr, &info_a), SEC_E_SECPKG_NOT_FOUND);
  std::string name_a = "Kerberos";
  EXPECT_STATUS(QuerySecurityPackageInfoA(name_a.data(), nullptr), SEC_E_INVALID_PARAMETER);

  ULONG count = 0;
  EXPECT_STATUS(EnumerateSecurityPackagesW(nullptr, &info), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(EnumerateSecurityPackagesW(&count, nullptr), SEC_E_INVALID_PARAMETER);
}

TEST_F(Packages, E_007_version_and_RPC_number_are_Windows_own) {
  const InfosW negotiate = query("Negotiate");
  const InfosW kerberos = query("Kerberos");
  EXPECT_EQ(negotiate->wVersion, 1);
  EXPECT_EQ(kerberos->wVersion, 1);
  EXPECT_EQ(negotiate->wRPCID, RPC_C_AUTHN_GSS_NEGOTIATE);
  EXPECT_EQ(kerberos->wRPCID, RPC_C_AUTHN_GSS_KERBEROS);
  EXPECT_EQ(negotiate->wRPCID, 9);
  EXPECT_EQ(kerberos->wRPCID, 16);
}

TEST_F(Packages, E_007_no_token_is_longer_than_the_package_says) {
  for (const char* package : {"Kerberos", "Negotiate"}) {
    Credential outbound(package, SECPKG_CRED_OUTBOUND);
    Credential inbound(package, SECPKG_CRED_INBOUND);
    const ULONG longest = query(package)->cbMaxToken;
    SspiInitiator client(outbound, kTarget);
    SspiAcceptor server(inbound);
    const Leg first = client.step({});
    const Leg answer = server.step(first.token);
    EXPECT_GT(first.token.size(), 0U);
    EXPECT_LE(first.token.size(), longest);
    EXPECT_GT(answer.token.size(), 0U);
    EXPECT_LE(answer.token.size(), longest);
  }
}

TEST_F(Packages, E_008_releasing_NULL_is_no_error) { EXPECT_STATUS(FreeContextBuffer(nullptr), SEC_E_OK); }

TEST_F(Packages, E_009_foreign_memory_is_neither_freed_nor_read) {
  // A block of one byte: reading before or behind it is a fault under AddressSanitizer.
  const auto own = std::make_unique<char>('x');
  EXPECT_STATUS(FreeContextBuffer(own.get()), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(*own, 'x');
  // No memory at all is there.
  EXPECT_STATUS(FreeContextBuffer(reinterpret_cast<void*>(0x10)), SEC_E_INVALID_HANDLE);
  const InfosW info = query("Kerberos");
  EXPECT_STATUS(FreeContextBuffer(reinterpret_cast<char*>(info.get()) + 8), SEC_E_INVALID_HANDLE);
  EXPECT_EQ(narrow(info->Name), "Kerberos");
}

TEST_F(Packages, E_010_package_names_are_found_in_any_case) {
  EXPECT_EQ(narrow(query("kerberos")->Name), "Kerberos");
  EXPECT_EQ(narrow(query("NEGOTIATE")->Name), "Negotiate");
  EXPECT_STATUS(Acquired({.package = "kerberos"}).status, SEC_E_OK);
  EXPECT_STATUS(Acquired({.package = "NEGOTIATE"}).status, SEC_E_OK);
  EXPECT_STATUS(Acquired({.package = "Kerbero"}).status, SEC_E_SECPKG_NOT_FOUND);
  EXPECT_STATUS(Acquired({.package = "Kerberos5"}).status, SEC_E_SECPKG_NOT_FOUND);
}

TEST_F(Packages, E_011_credential_of_an_unknown_package_is_not_found) {
  EXPECT_STATUS(Acquired({.package = "Nope"}).status, SEC_E_SECPKG_NOT_FOUND);
  EXPECT_STATUS(Acquired({.package = ""}).status, SEC_E_SECPKG_NOT_FOUND);
}

}  // namespace
}  // namespace sspid::test
