// docs/functions.md tells of each attribute which contexts have it and from when on. Here each context is asked for
// each, by all four functions, and for numbers that stand nowhere.
#include <array>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "calls.h"

namespace sspid::test {
namespace {

const bool with_ntlm = realm_options().ntlm = true;

constexpr std::size_t kLargest = 256;

struct Documented {
  ULONG number;
  std::string kerberos, ntlm, negotiate;  ///< whose contexts: "both", "client", "server"
  std::string when;
};

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> all;
  std::istringstream text(line);
  for (std::string cell; std::getline(text, cell, '|');) {
    const auto first = cell.find_first_not_of(' ');
    all.push_back(first == std::string::npos ? "" : cell.substr(first, cell.find_last_not_of(' ') - first + 1));
  }
  return all;
}

std::map<std::string, Documented> documented_attributes() {
  std::map<std::string, Documented> all;
  std::ifstream document(SSPID_SOURCE "/docs/functions.md");
  for (std::string line; std::getline(document, line);) {
    if (!line.starts_with("| `SECPKG_ATTR_")) continue;
    const auto row = cells(line);
    all[row.at(1)] = {static_cast<ULONG>(std::stoul(row.at(2), nullptr, 0)), row.at(3), row.at(4), row.at(5),
                      row.at(6)};
  }
  return all;
}

// Fills or leaves alone, and gives back what it has filled in.
template <class Query>
void expect_answer(SECURITY_STATUS wanted, Query query) {
  alignas(16) std::array<void*, kLargest / sizeof(void*)> structure;
  std::memset(structure.data(), kUntouched, kLargest);
  const auto before = structure;
  EXPECT_STATUS(query(structure.data()), wanted);
  EXPECT_EQ(structure == before, wanted != SEC_E_OK);
  if (wanted == SEC_E_OK)
    for (void* word : structure) static_cast<void>(FreeContextBuffer(word));  // whichever of them are pointers
}

enum class State { unfinished, finished, failed };

class AttributeTable : public EachPackage {
 protected:
  // What the document promises of a context of this package on that side.
  [[nodiscard]] SECURITY_STATUS promised(const Documented& row, const std::string& side, State state,
                                         bool by_ntlm) const {
    const bool due =
        row.when == "at once" || state == State::finished || (row.when == "when over" && state == State::failed);
    if (!due) return SEC_E_INVALID_HANDLE;
    const std::string& of_package = by_ntlm ? row.ntlm : row.kerberos;
    const std::string& whose = of_package == "–" && negotiates() ? row.negotiate : of_package;
    return whose == "both" || whose == side ? SEC_E_OK : SEC_E_UNSUPPORTED_FUNCTION;
  }

  static void ask(SspiContext& context, ULONG number, SECURITY_STATUS wanted) {
    expect_answer(wanted, [&](void* to) { return QueryContextAttributesW(context.get(), number, to); });
    expect_answer(wanted, [&](void* to) { return QueryContextAttributesA(context.get(), number, to); });
    expect_answer(wanted, [&](void* to) { return QueryContextAttributesExW(context.get(), number, to, kLargest); });
    expect_answer(wanted, [&](void* to) { return QueryContextAttributesExA(context.get(), number, to, kLargest); });
  }

  void ask_for_all(SspiContext& context, const std::string& side, State state) const {
    const bool by_ntlm = context.package() == "NTLM";
    for (const auto& [name, row] : attributes_) {
      SCOPED_TRACE(side + ' ' + name);
      ask(context, row.number, promised(row, side, state, by_ntlm));
    }
  }

  Credential user_ = outbound();
  Credential service_ = inbound();
  const std::map<std::string, Documented> attributes_ = documented_attributes();
};

TEST_P(AttributeTable, is_there) { EXPECT_GT(attributes_.size(), 40U); }

TEST_P(AttributeTable, is_what_finished_contexts_answer) {
  Pair pair(user_, service_);
  ask_for_all(pair.client, "client", State::finished);
  ask_for_all(pair.server, "server", State::finished);
}

TEST_P(AttributeTable, is_what_contexts_answer_whose_negotiation_chose_NTLM) {
  if (!negotiates()) return;
  Pair pair(user_, service_, asking(kUsualRequirements, ""));
  ASSERT_EQ(pair.server.package(), "NTLM");
  ask_for_all(pair.client, "client", State::finished);
  ask_for_all(pair.server, "server", State::finished);
}

TEST_P(AttributeTable, is_what_unfinished_contexts_answer) {
  SspiInitiator client(user_, asking(kUsualRequirements | ISC_REQ_USE_DCE_STYLE));
  SspiAcceptor server(service_);
  server.step(client.step({}).token);
  ASSERT_STATUS(server.status(), SEC_I_CONTINUE_NEEDED);
  ask_for_all(client, "client", State::unfinished);
  ask_for_all(server, "server", State::unfinished);
}

TEST_P(AttributeTable, is_what_failed_contexts_answer) {
  SspiInitiator client(user_, kTarget);
  client.step({});
  client.step(random_bytes(100));
  ASSERT_LT(client.status(), 0);
  ask_for_all(client, "client", State::failed);
  if (!negotiates()) return;
  EXPECT_EQ(client.attribute<SecPkgContext_NegoStatus>(SECPKG_ATTR_NEGO_STATUS).LastStatus,
            static_cast<ULONG>(client.status()));
}

TEST_P(AttributeTable, has_all_there_are) {
  Pair pair(user_, service_);
  std::map<ULONG, bool> known;
  for (const auto& [name, row] : attributes_) known[row.number] = true;
  for (ULONG number = 0; number < 0x200; ++number)
    if (!known[number]) ask(pair.client, number, SEC_E_UNSUPPORTED_FUNCTION);
  ask(pair.client, 0xFFFFFFFF, SEC_E_UNSUPPORTED_FUNCTION);
}

FOR_EACH_PACKAGE_AND_NTLM(AttributeTable);

// ---- Credentials

class CredentialAttributeTable : public EachPackage {};

TEST_P(CredentialAttributeTable, is_what_credentials_answer) {
  std::ifstream document(SSPID_SOURCE "/docs/functions.md");
  int rows = 0;
  for (std::string line; std::getline(document, line);) {
    if (!line.starts_with("| `SECPKG_CRED_")) continue;
    ++rows;
    const auto row = cells(line);
    SCOPED_TRACE(row.at(1));
    const auto number = static_cast<ULONG>(std::stoul(row.at(2), nullptr, 0));
    const SECURITY_STATUS wanted = row.at(3) == "supported" ? SEC_E_OK : SEC_E_UNSUPPORTED_FUNCTION;
    for (const bool in : {false, true}) {
      Credential credential = in ? inbound() : outbound();
      expect_answer(wanted, [&](void* to) { return QueryCredentialsAttributesW(credential.get(), number, to); });
      expect_answer(wanted, [&](void* to) { return QueryCredentialsAttributesA(credential.get(), number, to); });
      expect_answer(wanted,
                    [&](void* to) { return QueryCredentialsAttributesExW(credential.get(), number, to, kLargest); });
      expect_answer(wanted,
                    [&](void* to) { return QueryCredentialsAttributesExA(credential.get(), number, to, kLargest); });
    }
  }
  EXPECT_GT(rows, 4);
}

FOR_EACH_PACKAGE_AND_NTLM(CredentialAttributeTable);

}  // namespace
}  // namespace sspid::test
