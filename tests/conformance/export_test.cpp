// Section G, first part: contexts that are packed and made again of the bytes. That another process can do it, when the
// one that packed them has ended, is shown in integration/hand_over_test.cpp.
#include <algorithm>
#include <filesystem>

#include <unistd.h>

#include "calls.h"

namespace sspid::test {
namespace {

const bool with_ntlm = realm_options().ntlm = true;

constexpr std::size_t kPacked = 56;

// What messages have to do with how a context is copied: which engine protects them, and what it has done so far.
struct Kind {
  enum class Protection { aes, rc4, ntlm };
  const char* name;
  ULONG requirements;
  Protection protection;
};
constexpr ULONG kDceStyle = kUsualRequirements | ISC_REQ_USE_DCE_STYLE;
constexpr ULONG kOneSided = kUsualRequirements & ~ULONG{ISC_REQ_MUTUAL_AUTH};

class Export : public EachPackage {
 protected:
  /// Those that contexts of the package can have.
  [[nodiscard]] std::vector<Kind> kinds() const {
    const Kind ntlm{"NTLM", kOneSided, Kind::Protection::ntlm};
    if (is_ntlm()) return {ntlm};
    std::vector<Kind> all{{"AES", kUsualRequirements, Kind::Protection::aes},
                          {"DCE style", kDceStyle, Kind::Protection::aes},
                          {"RC4", kOneSided, Kind::Protection::rc4}};
    if (negotiates()) all.push_back(ntlm);
    return all;
  }

  [[nodiscard]] Pair made(ULONG requirements = kUsualRequirements) {
    return Pair(user_, service_, asking(requirements));
  }
  [[nodiscard]] Pair made(const Kind& kind) {
    if (kind.protection == Kind::Protection::aes) return made(kind.requirements);
    // Negotiate takes NTLM for a target without a service.
    if (kind.protection == Kind::Protection::ntlm) return Pair(user_, service_, asking(kind.requirements, ""));
    realm_.use_session_enctype("imap/localhost", "arcfour-hmac");
    const Tickets tickets(realm_, "alice", "alicepw");
    Credential user = outbound();
    return Pair(user, service_, asking(kind.requirements, "imap/localhost"));
  }

  [[nodiscard]] SspiImported imported(const Bytes& packed) { return SspiImported(package_, packed); }

  // What an import of these bytes is answered; a context that comes of it is deleted.
  SECURITY_STATUS importing(const Bytes& packed, std::string_view package) {
    Buffers block;
    block.add(SECBUFFER_EMPTY, packed);
    std::u16string name = wide(package);
    OwnedContext context;
    const SECURITY_STATUS status = ImportSecurityContextW(name.data(), &block[0], nullptr, context.get());
    EXPECT_EQ(status == SEC_E_OK, !is_invalidated(*context.get()));
    return status;
  }
  SECURITY_STATUS importing(const Bytes& packed) { return importing(packed, package_); }

  static SECURITY_STATUS exporting(CtxtHandle* context, ULONG flags) {
    SecBuffer block{7, SECBUFFER_EMPTY, nullptr};
    const SECURITY_STATUS status = ExportSecurityContext(context, flags, &block, nullptr);
    EXPECT_EQ(status == SEC_E_OK, block.pvBuffer != nullptr);
    EXPECT_EQ(block.cbBuffer, status == SEC_E_OK ? kPacked : 7U);
    FreeContextBuffer(block.pvBuffer);
    return status;
  }

  static void expect_gone(CtxtHandle handle) {
    SecPkgContext_Sizes sizes{};
    EXPECT_STATUS(QueryContextAttributesW(&handle, SECPKG_ATTR_SIZES, &sizes), SEC_E_INVALID_HANDLE);
  }

  Credential user_ = outbound();
  Credential service_ = inbound();
};

void expect_messages_pass_both_ways(SspiContext& client, SspiContext& server) {
  expect_messages_pass(client, server);
  expect_messages_pass(server, client);
}

// ---- Copies

TEST_P(Export, E_158_old_handle_and_copy_work_when_no_message_was_sent_before) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    Pair pair = made(kind);
    SspiImported client = imported(pair.client.packed());
    SspiImported server = imported(pair.server.packed());
    expect_messages_pass_both_ways(pair.client, pair.server);
    expect_messages_pass_both_ways(client, server);
  }
}

TEST_P(Export, E_158_old_handle_and_copy_work_after_messages_in_both_directions) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    Pair pair = made(kind);
    for (int i = 0; i < 3; ++i) expect_messages_pass_both_ways(pair.client, pair.server);
    SspiImported client = imported(pair.client.packed());
    SspiImported server = imported(pair.server.packed());
    expect_messages_pass_both_ways(pair.client, pair.server);
    expect_messages_pass_both_ways(client, server);
    // Old and new ends of one channel have counted alike.
    expect_messages_pass_both_ways(client, pair.server);
    expect_messages_pass_both_ways(pair.client, server);
  }
}

TEST_P(Export, E_158_messages_of_before_stay_repetitions_for_the_copy) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    Pair pair = made(kind);
    Sealed first = pair.client.seal(bytes_of("first"));
    Sealed again = first;
    ASSERT_STATUS(pair.server.open(first), SEC_E_OK);
    SspiImported server = imported(pair.server.packed());
    EXPECT_STATUS(server.open(again), SEC_E_OUT_OF_SEQUENCE);
    expect_messages_pass_both_ways(pair.client, server);
  }
}

// Why copies that both go on are dangerous.
TEST_P(Export, E_158_two_copies_that_send_repeat_each_others_numbers) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    Pair pair = made(kind);
    SspiImported client = imported(pair.client.packed());
    Sealed one = client.seal(bytes_of("one"));
    Sealed other = pair.client.seal(bytes_of("other"));
    EXPECT_STATUS(pair.server.open(one), SEC_E_OK);
    EXPECT_STATUS(pair.server.open(other), SEC_E_OUT_OF_SEQUENCE);
  }
}

TEST_P(Export, E_158_copy_of_a_copy_works_when_the_others_are_gone) {
  Pair pair = made();
  expect_messages_pass_both_ways(pair.client, pair.server);
  std::optional<SspiImported> client(std::in_place, package_, pair.client.packed());
  const Bytes packed = client->packed();
  pair.client.remove();
  client.reset();
  user_.free();
  SspiImported last = imported(packed);
  expect_messages_pass_both_ways(last, pair.server);
}

TEST_P(Export, E_158_copy_has_the_attributes_of_the_old_one) {
  Pair pair = made();
  for (SspiContext* end : {static_cast<SspiContext*>(&pair.client), static_cast<SspiContext*>(&pair.server)}) {
    SspiImported copy = imported(end->packed());
    EXPECT_EQ(copy.user_name(), is_ntlm() ? "EXAMPLE\\alice" : realm_.qualified("alice"));
    if (!is_ntlm()) {
      EXPECT_EQ(copy.client_name(), realm_.qualified("alice"));
      EXPECT_EQ(copy.server_name(), end->server_name());
    }
    EXPECT_EQ(copy.package(), end->package());
    EXPECT_EQ(copy.sizes().cbSecurityTrailer, end->sizes().cbSecurityTrailer);
    EXPECT_EQ(copy.attribute<SecPkgContext_Flags>(SECPKG_ATTR_FLAGS).Flags,
              end->attribute<SecPkgContext_Flags>(SECPKG_ATTR_FLAGS).Flags);
    const auto lifespan = copy.attribute<SecPkgContext_Lifespan>(SECPKG_ATTR_LIFESPAN);
    EXPECT_EQ(lifespan.tsExpiry.QuadPart, end->expiry().QuadPart);
  }
}

TEST_P(Export, copy_has_what_the_client_has_delegated) {
  if (is_ntlm()) return;  // which hands nothing over
  realm_.trust_for_delegation(kTarget);
  std::optional<Pair> pair;
  {
    const Tickets tickets(realm_, "bob", "bobpw", {"-f"});
    Credential bob = outbound();
    pair.emplace(bob, service_, asking(kUsualRequirements | ISC_REQ_DELEGATE));
  }
  SspiImported server = imported(pair->server.packed());
  for (SspiContext* end : {static_cast<SspiContext*>(&pair->server), static_cast<SspiContext*>(&server)}) {
    ASSERT_STATUS(SspiImpersonateNetworkOnly(end->get()), SEC_E_OK);
    EXPECT_EQ(outbound().name(), realm_.qualified("bob"));
    EXPECT_STATUS(RevertSecurityContext(end->get()), SEC_E_OK);
  }
  // Of a context for whose client the program has acted before.
  SspiImported late = imported(server.packed());
  ASSERT_STATUS(SspiImpersonateNetworkOnly(late.get()), SEC_E_OK);
  EXPECT_EQ(outbound().name(), realm_.qualified("bob"));
  EXPECT_STATUS(RevertSecurityContext(late.get()), SEC_E_OK);
  EXPECT_EQ(outbound().name(), realm_.qualified("alice"));
}

TEST_P(Export, packed_bytes_hold_no_key) {
  Pair pair = made();
  const auto key = pair.client.attribute<SecPkgContext_SessionKey>(SECPKG_ATTR_SESSION_KEY);
  const Bytes packed = pair.client.packed();
  const Bytes another = pair.client.packed();
  EXPECT_EQ(packed.size(), kPacked);
  EXPECT_NE(packed, another);
  const Bytes secret(key.SessionKey, key.SessionKey + key.SessionKeyLength);
  const auto half = secret.begin() + static_cast<std::ptrdiff_t>(secret.size() / 2);
  EXPECT_EQ(std::search(packed.begin(), packed.end(), secret.begin(), half), packed.end());
  EXPECT_EQ(std::search(packed.begin(), packed.end(), half, secret.end()), packed.end());
  FreeContextBuffer(key.SessionKey);
}

// ---- Moves

TEST_P(Export, E_159_moved_context_leaves_an_invalid_handle) {
  Pair pair = made();
  expect_messages_pass_both_ways(pair.client, pair.server);
  const CtxtHandle before = *pair.client.get();
  const Bytes packed = pair.client.packed(SECPKG_CONTEXT_EXPORT_DELETE_OLD);
  expect_gone(before);
  expect_gone(*pair.client.get());
  EXPECT_STATUS(exporting(pair.client.get(), 0), SEC_E_INVALID_HANDLE);
  EXPECT_STATUS(DeleteSecurityContext(pair.client.get()), SEC_E_OK) << "deleted already";
  SspiImported client = imported(packed);
  expect_gone(before);
  expect_messages_pass_both_ways(client, pair.server);
}

TEST_P(Export, E_159_context_moves_with_its_numbers) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    Pair pair = made(kind);
    Sealed first = pair.client.seal(bytes_of("first"));
    Sealed again = first;
    ASSERT_STATUS(pair.server.open(first), SEC_E_OK);
    SspiImported server = imported(pair.server.packed(SECPKG_CONTEXT_EXPORT_DELETE_OLD));
    EXPECT_STATUS(server.open(again), SEC_E_OUT_OF_SEQUENCE);
    SspiImported client = imported(pair.client.packed(SECPKG_CONTEXT_EXPORT_DELETE_OLD));
    expect_messages_pass_both_ways(client, server);
  }
}

// ---- Reset

TEST_P(Export, reset_is_for_contexts_that_have_met_no_message) {
  Pair pair = made();
  SspiImported client = imported(pair.client.packed(SECPKG_CONTEXT_EXPORT_RESET_NEW));
  expect_messages_pass_both_ways(client, pair.server);
  for (SspiContext* end : {static_cast<SspiContext*>(&client), static_cast<SspiContext*>(&pair.server)}) {
    EXPECT_STATUS(exporting(end->get(), SECPKG_CONTEXT_EXPORT_RESET_NEW), SEC_E_UNSUPPORTED_FUNCTION);
    EXPECT_STATUS(exporting(end->get(), SECPKG_CONTEXT_EXPORT_RESET_NEW | SECPKG_CONTEXT_EXPORT_DELETE_OLD),
                  SEC_E_UNSUPPORTED_FUNCTION);
  }
  expect_messages_pass_both_ways(client, pair.server);
  // The old end of the client has sent nothing yet.
  EXPECT_STATUS(exporting(pair.client.get(), SECPKG_CONTEXT_EXPORT_RESET_NEW), SEC_E_OK);
}

// ---- What cannot be exported

TEST_P(Export, E_160_unfinished_context_cannot_be_exported) {
  SspiInitiator client(user_, asking(kDceStyle));
  SspiAcceptor server(service_);
  const Leg first = client.step({});
  EXPECT_STATUS(exporting(client.get(), 0), SEC_E_INVALID_HANDLE);
  const Leg second = server.step(first.token);
  ASSERT_STATUS(server.status(), SEC_I_CONTINUE_NEEDED);
  EXPECT_STATUS(exporting(server.get(), SECPKG_CONTEXT_EXPORT_DELETE_OLD), SEC_E_INVALID_HANDLE);
  // Nothing has happened to either.
  Leg leg = client.step(second.token);
  leg = server.step(leg.token);
  if (!leg.token.empty()) client.step(leg.token);
  EXPECT_STATUS(server.status(), SEC_E_OK);
  EXPECT_STATUS(client.status(), SEC_E_OK);
}

TEST_P(Export, E_160_failed_context_cannot_be_exported) {
  SspiInitiator client(user_, kTarget);
  client.step({});
  client.step(random_bytes(100));
  ASSERT_LT(client.status(), 0);
  EXPECT_STATUS(exporting(client.get(), 0), SEC_E_INVALID_HANDLE);
}

TEST_P(Export, E_160_context_whose_last_token_is_still_to_be_fetched_cannot_be_exported) {
  SspiInitiator client(user_, asking(kDceStyle));
  SspiAcceptor server(service_);
  const Bytes answer = server.step(client.step({}).token).token;
  Buffers input, output;
  input.add(SECBUFFER_TOKEN, answer);
  output.room(SECBUFFER_TOKEN, 1);
  const auto go_on = [&](Buffers& out) {
    return initialize({.credential = user_.get(),
                       .context = client.get(),
                       .requirements = kDceStyle,
                       .input = input.get(),
                       .new_context = client.get(),
                       .output = out.get()});
  };
  ASSERT_STATUS(go_on(output), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_STATUS(exporting(client.get(), 0), SEC_E_INVALID_HANDLE);
  Buffers large;
  large.room(SECBUFFER_TOKEN, 65536);
  EXPECT_GE(go_on(large), 0);
}

TEST_P(Export, E_164_kernel_takes_no_context) {
  Pair pair = made();
  EXPECT_STATUS(exporting(pair.client.get(), SECPKG_CONTEXT_EXPORT_TO_KERNEL), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_STATUS(exporting(pair.client.get(), SECPKG_CONTEXT_EXPORT_TO_KERNEL | SECPKG_CONTEXT_EXPORT_DELETE_OLD),
                SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_STATUS(exporting(pair.client.get(), 8), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(exporting(pair.client.get(), 0x80000000), SEC_E_INVALID_PARAMETER);
  expect_messages_pass_both_ways(pair.client, pair.server);
}

TEST_P(Export, buffer_keeps_its_type_and_a_servers_context_gives_its_token) {
  Pair pair = made();
  SecBuffer block{0, SECBUFFER_EMPTY, nullptr};
  void* token = this;
  ASSERT_STATUS(ExportSecurityContext(pair.server.get(), 0, &block, &token), SEC_E_OK);
  SspiTokenInformation* information = nullptr;
  ASSERT_STATUS(SspiQueryTokenInformation(token, &information), SEC_E_OK);
  EXPECT_EQ(information->Principal, is_ntlm() ? "EXAMPLE\\alice" : realm_.qualified("alice"));
  FreeContextBuffer(information);
  EXPECT_TRUE(CloseHandle(token));
  FreeContextBuffer(block.pvBuffer);

  ASSERT_STATUS(ExportSecurityContext(pair.client.get(), 0, &block, &token), SEC_E_OK);
  EXPECT_EQ(block.BufferType, ULONG{SECBUFFER_EMPTY});
  EXPECT_EQ(block.cbBuffer, kPacked);
  EXPECT_EQ(token, nullptr);
  EXPECT_STATUS(FreeContextBuffer(block.pvBuffer), SEC_E_OK);
  EXPECT_STATUS(ExportSecurityContext(pair.client.get(), 0, nullptr, nullptr), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(ExportSecurityContext(nullptr, 0, &block, nullptr), SEC_E_INVALID_HANDLE);
}

// ---- What cannot be imported

TEST_P(Export, E_161_bytes_that_were_changed_are_refused) {
  Pair pair = made();
  const Bytes packed = pair.client.packed();
  for (std::size_t byte = 0; byte < packed.size(); ++byte)
    EXPECT_STATUS(importing(with_flipped_bit(packed, byte, byte % 8)), SEC_E_UNKNOWN_CREDENTIALS) << byte;
  EXPECT_STATUS(importing(packed), SEC_E_OK) << "what was refused has used nothing up";
}

TEST_P(Export, E_161_bytes_that_were_cut_off_or_added_are_refused) {
  Pair pair = made();
  const Bytes packed = pair.client.packed();
  for (std::size_t length = 0; length < packed.size(); ++length)
    EXPECT_STATUS(importing({packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(length)}),
                  SEC_E_UNKNOWN_CREDENTIALS)
        << length;
  EXPECT_STATUS(importing(joined({packed, Bytes(1, 0)})), SEC_E_UNKNOWN_CREDENTIALS);
  EXPECT_STATUS(importing(Bytes(std::size_t{1} << 20, 1)), SEC_E_UNKNOWN_CREDENTIALS);
  EXPECT_STATUS(importing(packed), SEC_E_OK);
}

TEST_P(Export, E_161_bytes_of_another_daemon_are_refused) {
  Pair pair = made();
  const Bytes packed = pair.client.packed();
  world_.daemon.restart();
  EXPECT_STATUS(importing(packed), SEC_E_UNKNOWN_CREDENTIALS);
}

TEST_P(Export, E_161_another_user_is_refused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  std::filesystem::permissions(std::filesystem::path(world_.daemon.socket()).parent_path(),
                               std::filesystem::perms(0755));
  std::filesystem::permissions(world_.daemon.socket(), std::filesystem::perms(0666));
  const Result result = run({built_program("conformance_program"), "as-nobody", "import", package_},
                            with(realm_.environment(), {{"SSPI_SOCKET", world_.daemon.socket()}}));
  EXPECT_EQ(result.output, status_name(SEC_E_NOT_OWNER) + '\n');
}

TEST_P(Export, E_162_package_must_be_the_contexts_own) {
  Pair pair = made();
  const Bytes packed = pair.client.packed();
  EXPECT_STATUS(importing(packed, "Schannel"), SEC_E_SECPKG_NOT_FOUND);
  EXPECT_STATUS(importing({}, "Schannel"), SEC_E_SECPKG_NOT_FOUND);
  EXPECT_STATUS(importing(packed, negotiates() ? "Kerberos" : "Negotiate"), SEC_E_UNKNOWN_CREDENTIALS);
  Buffers block;
  block.add(SECBUFFER_EMPTY, packed);
  OwnedContext context;
  EXPECT_STATUS(ImportSecurityContextW(nullptr, &block[0], nullptr, context.get()), SEC_E_SECPKG_NOT_FOUND);
  EXPECT_STATUS(importing(packed, in_lower_case()), SEC_E_OK);
}

TEST_P(Export, E_163_second_import_is_refused) {
  Pair pair = made();
  const Bytes packed = pair.client.packed();
  SspiImported client = imported(packed);
  EXPECT_STATUS(importing(packed), SEC_E_UNKNOWN_CREDENTIALS);
  expect_messages_pass_both_ways(client, pair.server);
}

TEST_P(Export, E_163_import_that_has_no_place_for_the_handle_uses_nothing_up) {
  Pair pair = made();
  Buffers block;
  block.add(SECBUFFER_EMPTY, pair.client.packed());
  std::u16string name = wide(package_);
  EXPECT_STATUS(ImportSecurityContextW(name.data(), &block[0], nullptr, nullptr), SEC_E_INVALID_HANDLE);
  OwnedContext context;
  EXPECT_STATUS(ImportSecurityContextW(name.data(), nullptr, nullptr, context.get()), SEC_E_INVALID_PARAMETER);
  EXPECT_TRUE(is_invalidated(*context.get()));
  EXPECT_STATUS(ImportSecurityContextA(std::string(package_).data(), &block[0], nullptr, context.get()), SEC_E_OK);
}

FOR_EACH_PACKAGE_AND_NTLM(Export);

}  // namespace
}  // namespace sspid::test
