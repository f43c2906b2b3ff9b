// The calls' handlers below the socket: well-formed requests with wild contents, on handles that exist and on others,
// in any order. Behind them real credentials of a throwaway realm and real established contexts, of Kerberos and of
// NTLM, so that tokens and messages reach the mechanism.
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include <fcntl.h>
#include <fuzzer/FuzzedDataProvider.h>
#include <sspi.h>

#include "daemon/worker/dispatch.h"
#include "daemon/worker/keytab.h"
#include "daemon/worker/session.h"
#include "daemon/worker/ticket_cache.h"
#include "daemon/worker/worker.h"
#include "tests/support/realm.h"

using namespace sspid;

namespace {

using Builder = flatbuffers::FlatBufferBuilder;
using Bytes = std::vector<std::byte>;

constexpr std::uint32_t kProtection =
    ISC_REQ_MUTUAL_AUTH | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY;

constexpr const char* kPackages[] = {"Kerberos", "NTLM", "Negotiate"};

// For NTLM, raw and as what a negotiation comes to that has no target: it proves nothing of a server.
constexpr std::uint32_t kNtlmProtection = kProtection & ~std::uint32_t{ISC_REQ_MUTUAL_AUTH};

/// Both ends' credentials of a package, and an established context of theirs.
struct Ends {
  const char* package;
  const char* target;
  std::uint32_t requirements;
  proto::Handle initiator{}, acceptor{}, client{}, server{};
};

test::Realm::Options with_ntlm() {
  test::Realm::Options options;
  options.ntlm = true;
  return options;
}

Grant for_any_user() {
  Grant grant = Grant::everything();
  grant.ntlm_default_user = "*";
  return grant;
}

/// What the fuzzer plays with: one session with credentials and established contexts at both ends.
class Playground {
 public:
  Playground() {
    realm_.enter();
    worker_.replace_grant(for_any_user());
    worker_.replace_keytab(proto::Descriptor(::open(realm_.keytab().c_str(), O_RDONLY | O_CLOEXEC)));
    worker_.replace_users(proto::Descriptor(::open(realm_.users().c_str(), O_RDONLY | O_CLOEXEC)));
    Builder builder;
    builder.Finish(proto::CreateHelloRequest(builder, proto::kMinVersion, proto::kMaxVersion));
    call(proto::Opcode::Hello, builder, {});
    for (Ends& each : ends_) {
      each.initiator = acquire(each.package, SECPKG_CRED_OUTBOUND);
      each.acceptor = acquire(each.package, SECPKG_CRED_INBOUND);
      establish(each);
    }
  }

  /// The answer as it would go to the client; empty where the frame is refused or needs none.
  Bytes call(proto::Opcode opcode, Builder& builder, Bytes payload, int descriptor = -1) {
    // Exactly sized blocks, so that a byte too many is seen.
    const std::size_t size = builder.GetSize();
    const auto table = std::make_unique<std::byte[]>(size);
    std::memcpy(table.get(), builder.GetBufferPointer(), size);
    const auto body = std::make_unique<std::byte[]>(payload.size());
    if (!payload.empty()) std::memcpy(body.get(), payload.data(), payload.size());
    worker::Frame frame{{.table = static_cast<std::uint32_t>(size),
                         .payload = static_cast<std::uint32_t>(payload.size()),
                         .opcode = opcode},
                        {table.get(), size},
                        {body.get(), payload.size()},
                        proto::Descriptor(descriptor)};
    Bytes out;
    if (!dispatcher_.admit(frame)) return out;
    const auto answer = dispatcher_.answer(frame, worker::Where::pool);
    if (!answer) __builtin_trap();  // in the pool nothing may ask for the pool
    for (const iovec& part : answer->parts()) {
      const auto* at = static_cast<const std::byte*>(part.iov_base);
      out.insert(out.end(), at, at + part.iov_len);
    }
    return out;
  }

  /// Deletes the context that an answer to ImportSecurityContext names. Whether there was one.
  bool forget_imported(const Bytes& answer) {
    const auto* reply = reply_in<proto::ImportSecurityContextReply>(answer);
    if (!reply || reply->status() != SEC_E_OK) return false;
    remove(*reply->context());
    return true;
  }

  static Bytes payload_in(const Bytes& frame) {
    if (frame.empty()) return {};
    const auto header = proto::decode_header(std::span(frame).first<proto::kHeaderSize>());
    return {frame.end() - header.payload, frame.end()};
  }

  proto::Handle acquire(const char* package_name, std::uint32_t use) {
    Builder builder;
    const auto package = builder.CreateString(package_name);
    const auto cache = proto::CreateTicketCacheDirect(builder, ("FILE:" + realm_.cache()).c_str());
    proto::AcquireCredentialsHandleRequestBuilder request(builder);
    request.add_package(package);
    request.add_use(use);
    if (use == SECPKG_CRED_OUTBOUND) request.add_cache(cache);
    builder.Finish(request.Finish());
    const int file = use == SECPKG_CRED_OUTBOUND ? ::open(realm_.cache().c_str(), O_RDONLY | O_CLOEXEC) : -1;
    const Bytes answer = call(proto::Opcode::AcquireCredentialsHandle, builder, {}, file);
    const auto* reply = reply_in<proto::AcquireCredentialsHandleReply>(answer);
    if (!reply || reply->status() != SEC_E_OK) std::abort();
    return *reply->credential();
  }

  void release(const proto::Handle& credential) {
    Builder builder;
    builder.Finish(proto::CreateFreeCredentialsHandleRequest(builder, &credential));
    call(proto::Opcode::FreeCredentialsHandle, builder, {});
  }

  struct Step {
    bool ok = false;
    proto::Handle context{};
    Bytes token;
  };
  Step initialize(const Ends& ends, const proto::Handle* context, Bytes token) {
    Builder builder;
    builder.Finish(proto::CreateInitializeSecurityContextRequestDirect(builder, &ends.initiator, context, ends.target,
                                                                       ends.requirements));
    return step<proto::InitializeSecurityContextReply>(
        call(proto::Opcode::InitializeSecurityContext, builder, std::move(token)));
  }
  Step accept(const Ends& ends, const proto::Handle* context, Bytes token) {
    Builder builder;
    builder.Finish(proto::CreateAcceptSecurityContextRequest(builder, &ends.acceptor, context));
    return step<proto::AcceptSecurityContextReply>(
        call(proto::Opcode::AcceptSecurityContext, builder, std::move(token)));
  }
  void remove(const proto::Handle& context) {
    Builder builder;
    builder.Finish(proto::CreateDeleteSecurityContextRequest(builder, &context));
    call(proto::Opcode::DeleteSecurityContext, builder, {});
  }

  [[nodiscard]] const Ends& kerberos() const { return ends_[0]; }
  [[nodiscard]] const Ends& ntlm() const { return ends_[1]; }
  [[nodiscard]] const Ends& negotiated_ntlm() const { return ends_[2]; }

 private:
  template <class Reply>
  static const Reply* reply_in(const Bytes& frame) {
    return frame.empty() ? nullptr : flatbuffers::GetRoot<Reply>(frame.data() + proto::kHeaderSize);
  }

  template <class Reply>
  static Step step(const Bytes& answer) {
    const auto* reply = reply_in<Reply>(answer);
    if (!reply || reply->status() < 0 || !reply->context()) return {};
    return {true, *reply->context(), payload_in(answer)};
  }

  void establish(Ends& ends) {
    const auto must = [](const Step& step) {
      if (!step.ok) std::abort();
      return step;
    };
    Step client = must(initialize(ends, nullptr, {}));
    const proto::Handle* known = nullptr;  // of the server's context
    for (Bytes token = client.token; !token.empty(); token = client.token) {
      const Step server = must(accept(ends, known, token));
      ends.server = server.context;
      known = &ends.server;
      if (server.token.empty()) break;
      client = must(initialize(ends, &client.context, server.token));
    }
    ends.client = client.context;
  }

  test::Realm realm_{with_ntlm()};
  worker::Worker worker_{worker::Settings{}};
  worker::Dispatcher dispatcher_{worker_};
  Ends ends_[3] = {{"Kerberos", "host/localhost", kProtection},
                   {"NTLM", "host/localhost", kNtlmProtection},
                   {"Negotiate", nullptr, kNtlmProtection}};
};

/// One input: requests drawn from the fuzzer's bytes.
class Game {
 public:
  Game(Playground& playground, FuzzedDataProvider& input) : playground_(playground), input_(input) {}

  void play() {
    Builder builder;
    switch (input_.ConsumeIntegralInRange(0, 18)) {
      case 0:
        return initialize(builder);
      case 1:
        return accept(builder);
      case 2:
        return query(builder);
      case 3:
        return sign(builder);
      case 4:
        return verify(builder);
      case 5:
        return encrypt(builder);
      case 6:
        return decrypt(builder);
      case 7:
        return acquire(builder);
      case 8:
        return change_password(builder);
      case 9:
        return export_context(builder);
      case 10:
        return import_context(builder);
      case 11:
        return protect(builder);
      case 12:
        return query_identity(builder);
      case 13:
        return add(builder);
      case 14:
        return set(builder);
      case 15:
        return acquire_for_user(builder);
      case 16:
        return translate(builder);
      case 17:
        return later_leg();
      default:
        return remove(builder);
    }
  }

 private:
  const Ends& ends() {
    switch (input_.ConsumeIntegralInRange(0, 2)) {
      case 0:
        return playground_.ntlm();
      case 1:
        return playground_.negotiated_ntlm();
      default:
        return playground_.kerberos();
    }
  }
  proto::Handle handle() {
    switch (input_.ConsumeIntegralInRange(0, 5)) {
      case 0:
        return ends().initiator;
      case 1:
        return ends().acceptor;
      case 2:
      case 3:
        return ends().client;
      case 4:
        return ends().server;
      default:
        return {input_.ConsumeIntegral<std::uint64_t>(), input_.ConsumeIntegral<std::uint64_t>()};
    }
  }
  std::uint32_t number() { return input_.ConsumeIntegral<std::uint32_t>(); }
  std::string text() { return input_.ConsumeRandomLengthString(64); }
  Bytes bytes(std::size_t size) { return input_.ConsumeBytes<std::byte>(size); }
  Bytes rest() { return input_.ConsumeBytes<std::byte>(input_.remaining_bytes()); }

  void acquire(Builder& builder) {
    const std::string name = input_.ConsumeBool() ? kPackages[input_.ConsumeIntegralInRange(0, 2)] : text();
    const auto identity =
        proto::CreateIdentityDirect(builder, text().c_str(), text().c_str(), text().c_str(), input_.ConsumeBool());
    const proto::Handle client = handle();
    builder.Finish(proto::CreateAcquireCredentialsHandleRequestDirect(builder, text().c_str(), name.c_str(), number(),
                                                                      input_.ConsumeBool(), identity, {},
                                                                      input_.ConsumeBool() ? &client : nullptr));
    playground_.call(proto::Opcode::AcquireCredentialsHandle, builder, rest());
  }

  /// A credential of its own for what changes one: the others are for all inputs.
  class Own {
   public:
    Own(Playground& playground, FuzzedDataProvider& input)
        : playground_(playground),
          handle_(playground.acquire(kPackages[input.ConsumeIntegralInRange(0, 2)],
                                     input.ConsumeBool() ? SECPKG_CRED_OUTBOUND : SECPKG_CRED_INBOUND)) {}
    ~Own() { playground_.release(handle_); }
    Own(const Own&) = delete;
    Own& operator=(const Own&) = delete;
    [[nodiscard]] const proto::Handle* get() const { return &handle_; }

   private:
    Playground& playground_;
    const proto::Handle handle_;
  };

  void add(Builder& builder) {
    const Own credential(playground_, input_);
    const std::string package = input_.ConsumeBool() ? kPackages[input_.ConsumeIntegralInRange(0, 2)] : text();
    const bool has_keytab = input_.ConsumeBool();
    const auto identity =
        proto::CreateIdentityDirect(builder, text().c_str(), text().c_str(), "", !has_keytab, has_keytab);
    builder.Finish(proto::CreateAddCredentialsRequestDirect(builder, credential.get(), text().c_str(), package.c_str(),
                                                            number(), identity));
    playground_.call(proto::Opcode::AddCredentials, builder, rest());
  }

  void set(Builder& builder) {
    const Own credential(playground_, input_);
    const auto proxy = proto::CreateKdcProxySettingsDirect(builder, text().c_str(), input_.ConsumeBool());
    builder.Finish(proto::CreateSetCredentialsAttributesRequest(
        builder, credential.get(), input_.ConsumeBool() ? SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS : number(), proxy));
    playground_.call(proto::Opcode::SetCredentialsAttributes, builder, {});
  }

  // Never an old password: the KDC is not what is fuzzed.
  void change_password(Builder& builder) {
    const std::string package = input_.ConsumeBool() ? "Kerberos" : text();
    builder.Finish(proto::CreateChangeAccountPasswordRequestDirect(
        builder, package.c_str(), text().c_str(), text().c_str(), 0, input_.ConsumeBool(), input_.ConsumeBool()));
    playground_.call(proto::Opcode::ChangeAccountPassword, builder, rest());
  }

  // Never with a service that is there, for the reason given below.
  void acquire_for_user(Builder& builder) {
    const std::string service = "nobody/" + text();
    const proto::Handle credential{number(), number()};
    builder.Finish(proto::CreateAcquireCredentialsForUserRequestDirect(
        builder, input_.ConsumeBool() ? "Kerberos" : text().c_str(), text().c_str(),
        input_.ConsumeBool() ? &credential : nullptr, service.c_str()));
    playground_.call(proto::Opcode::AcquireCredentialsForUser, builder, rest());
  }

  // Never a target: asking a KDC for every input would fuzz the KDC.
  void initialize(Builder& builder) {
    const proto::Handle credential = handle(), context = handle();
    builder.Finish(
        proto::CreateInitializeSecurityContextRequestDirect(builder, &credential, &context, nullptr, number()));
    playground_.call(proto::Opcode::InitializeSecurityContext, builder, rest());
  }

  void accept(Builder& builder) {
    const proto::Handle credential = handle(), context = handle();
    const std::string application = text();
    const std::vector<std::uint8_t> data(application.begin(), application.end());
    const auto bindings = proto::CreateChannelBindingsDirect(builder, number(), &data, number(), &data, &data);
    builder.Finish(proto::CreateAcceptSecurityContextRequest(
        builder, &credential, input_.ConsumeBool() ? &context : nullptr, number(),
        input_.ConsumeBool() ? bindings : flatbuffers::Offset<proto::ChannelBindings>()));
    playground_.call(proto::Opcode::AcceptSecurityContext, builder, rest());
  }

  /// Another token in place of this one: any bytes, or these with some changed, and perhaps cut short.
  Bytes instead_of(Bytes token) {
    if (input_.ConsumeBool()) return rest();
    for (int changes = input_.ConsumeIntegralInRange(1, 8); changes > 0 && !token.empty(); --changes)
      token[input_.ConsumeIntegralInRange<std::size_t>(0, token.size() - 1)] =
          std::byte{input_.ConsumeIntegral<std::uint8_t>()};
    if (input_.ConsumeBool()) token.resize(input_.ConsumeIntegralInRange<std::size_t>(0, token.size()));
    return token;
  }

  // An exchange of NTLM up to the CHALLENGE or the AUTHENTICATE, in place of which something else comes.
  void later_leg() {
    const Ends& ends = input_.ConsumeBool() ? playground_.ntlm() : playground_.negotiated_ntlm();
    const auto client = playground_.initialize(ends, nullptr, {});
    const auto server = playground_.accept(ends, nullptr, client.token);
    if (!client.ok || !server.ok) __builtin_trap();
    if (input_.ConsumeBool()) {
      (void)playground_.initialize(ends, &client.context, instead_of(server.token));
    } else {
      const auto proof = playground_.initialize(ends, &client.context, server.token);
      (void)playground_.accept(ends, &server.context, instead_of(proof.token));
    }
    playground_.remove(client.context);
    playground_.remove(server.context);
  }

  void query(Builder& builder) {
    const proto::Handle context = handle();
    builder.Finish(
        proto::CreateQueryContextAttributesRequest(builder, &context, input_.ConsumeIntegral<std::uint8_t>()));
    playground_.call(proto::Opcode::QueryContextAttributes, builder, {});
  }

  void query_identity(Builder& builder) {
    const proto::Handle context = handle();
    builder.Finish(proto::CreateQueryContextIdentityRequest(builder, &context));
    playground_.call(proto::Opcode::QueryContextIdentity, builder, rest());
  }

  void sign(Builder& builder) {
    const proto::Handle context = handle();
    builder.Finish(
        proto::CreateMakeSignatureRequest(builder, &context, input_.ConsumeIntegral<std::uint8_t>(), number()));
    playground_.call(proto::Opcode::MakeSignature, builder, rest());
  }

  void verify(Builder& builder) {
    const proto::Handle context = handle();
    builder.Finish(proto::CreateVerifySignatureRequest(builder, &context, input_.ConsumeIntegral<std::uint16_t>()));
    playground_.call(proto::Opcode::VerifySignature, builder, rest());
  }

  /// Segments that add up to `total`, mostly: the fuzzer is to get past well_formed(), too.
  std::vector<proto::Segment> segments(std::size_t total) {
    std::vector<proto::Segment> list;
    for (int count = input_.ConsumeIntegralInRange(0, 4); count > 0; --count) {
      const auto length =
          static_cast<std::uint32_t>(count == 1 ? total : input_.ConsumeIntegralInRange<std::size_t>(0, total));
      list.emplace_back(input_.ConsumeBool() ? proto::SegmentKind::Data : proto::SegmentKind::SignOnly, length);
      total -= length;
    }
    return list;
  }

  void encrypt(Builder& builder) {
    const proto::Handle context = handle();
    const std::uint32_t qop = input_.ConsumeBool() ? 0 : SECQOP_WRAP_NO_ENCRYPT;
    const std::uint32_t token_room = number(), padding_room = number();
    const Bytes payload = bytes(input_.ConsumeIntegral<std::uint8_t>());
    const auto list = segments(payload.size());
    const auto vector = builder.CreateVectorOfStructs(list);
    builder.Finish(proto::CreateEncryptMessageRequest(builder, &context, qop, token_room, padding_room != 0,
                                                      padding_room, vector));
    playground_.call(proto::Opcode::EncryptMessage, builder, payload);
  }

  void decrypt(Builder& builder) {
    const proto::Handle context = handle();
    const auto layout = input_.ConsumeBool() ? proto::Layout::Split : proto::Layout::Stream;
    const std::uint32_t token = input_.ConsumeIntegral<std::uint8_t>();
    const std::uint32_t padding = input_.ConsumeIntegralInRange<std::uint32_t>(0, 16);
    const Bytes payload = bytes(std::size_t{token} + padding + input_.ConsumeIntegral<std::uint8_t>());
    const std::size_t data = payload.size() > token + padding ? payload.size() - token - padding : 0;
    const auto list = builder.CreateVectorOfStructs(segments(data));
    builder.Finish(proto::CreateDecryptMessageRequest(builder, &context, layout, token, padding, list));
    playground_.call(proto::Opcode::DecryptMessage, builder, payload);
  }

  // Never DELETE_OLD: the contexts are for all inputs.
  void export_context(Builder& builder) {
    const proto::Handle context = handle();
    const auto flags =
        static_cast<std::uint8_t>(input_.ConsumeIntegral<std::uint8_t>() & ~SECPKG_CONTEXT_EXPORT_DELETE_OLD);
    builder.Finish(proto::CreateExportSecurityContextRequest(builder, &context, flags));
    const Bytes packed = Playground::payload_in(playground_.call(proto::Opcode::ExportSecurityContext, builder, {}));
    if (packed.empty()) return;
    Bytes changed = packed;
    changed[input_.ConsumeIntegralInRange<std::size_t>(0, packed.size() - 1)] ^= std::byte{1};
    for (const char* package : kPackages)
      if (import(package, changed)) __builtin_trap();
    int imports = 0;  // by its own package's name, and once
    for (const char* package : kPackages) imports += import(package, packed) ? 1 : 0;
    if (imports != 1) __builtin_trap();
  }

  void import_context(Builder&) { (void)import("Kerberos", rest()); }

  bool import(const char* package, Bytes packed) {
    Builder builder;
    builder.Finish(proto::CreateImportSecurityContextRequestDirect(builder, package));
    return playground_.forget_imported(
        playground_.call(proto::Opcode::ImportSecurityContext, builder, std::move(packed)));
  }

  void protect(Builder& builder) {
    const auto scope = input_.ConsumeBool() ? proto::Scope::Logon : proto::Scope::Process;
    const bool open = input_.ConsumeBool();
    const std::uint32_t associated = input_.ConsumeIntegral<std::uint8_t>();
    builder.Finish(proto::CreateProtectForLogonRequest(builder, scope, open, associated));
    playground_.call(proto::Opcode::ProtectForLogon, builder, rest());
  }

  void translate(Builder& builder) {
    builder.Finish(
        proto::CreateTranslateNameRequestDirect(builder, text().c_str(), input_.ConsumeIntegral<std::uint8_t>()));
    playground_.call(proto::Opcode::TranslateName, builder, {});
  }

  void remove(Builder& builder) {
    const proto::Handle context{input_.ConsumeIntegral<std::uint64_t>(), input_.ConsumeIntegral<std::uint64_t>()};
    builder.Finish(proto::CreateDeleteSecurityContextRequest(builder, &context));
    playground_.call(proto::Opcode::DeleteSecurityContext, builder, {});
  }

  Playground& playground_;
  FuzzedDataProvider& input_;
};

}  // namespace

// As tests/support/lsan.supp has it, and for the reasons given there.
extern "C" const char* __lsan_default_suppressions() { return "leak:gssntlmssp.so\nleak:krb5_build_principal\n"; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Playground playground;
  FuzzedDataProvider input(data, size);
  Game(playground, input).play();
  return 0;
}
