// A worker that was taken over answers the programs whose calls it carries out: whatever it says, the library gives
// each call a status, reads and writes nothing that is not its own, and waits for nobody. Real calls, over a real
// socket, to a daemon that is none.
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fuzzer/FuzzedDataProvider.h>
#include <poll.h>
#include <sspi.h>
#include <sspi_ext.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/descriptor.h"
#include "proto/frame.h"
#include "proto/limits.h"
#include "tests/support/scratch.h"

using namespace sspid;

namespace {

using Builder = flatbuffers::FlatBufferBuilder;
using Provider = FuzzedDataProvider;

/// Decides what is answered. First it obeys, so that the program has handles; then the fuzzer speaks.
class Liar {
 public:
  void obey() { set(nullptr); }
  void lie(Provider& provider) { set(&provider); }

  /// The whole frame. Whether the connection ends with it.
  bool answer(const proto::FrameHeader& request, std::vector<std::byte>& frame) {
    const std::lock_guard lock{mutex_};
    const bool lies = provider_ != nullptr && (request.opcode != proto::Opcode::Hello || provider_->ConsumeBool());
    Builder builder;
    std::vector<std::byte> payload;
    proto::FrameHeader header{.request = request.request, .opcode = request.opcode, .flags = proto::kReplyFlag};
    if (lies)
      tell(request.opcode, builder, payload);
    else
      obey(request.opcode, builder, payload);
    std::vector<std::byte> table(builder.GetSize());
    if (!table.empty()) std::memcpy(table.data(), builder.GetBufferPointer(), table.size());
    const bool is_raw = lies && provider_->ConsumeProbability<float>() < 0.1F;
    if (is_raw) table = bytes(512);
    if (proto::has_fixed_reply_table(request.opcode) && table.size() < proto::kMessageReplyTable)
      table.resize(proto::kMessageReplyTable);
    header.table = static_cast<std::uint32_t>(table.size());
    header.payload = static_cast<std::uint32_t>(payload.size());
    const bool lies_about_lengths = lies && provider_->ConsumeProbability<float>() < 0.05F;
    if (lies_about_lengths) {
      header.table = number();
      header.payload = number();
      header.opcode = static_cast<proto::Opcode>(provider_->ConsumeIntegral<std::uint16_t>());
    }
    const auto encoded = proto::encode_header(header);
    frame.assign(encoded.begin(), encoded.end());
    frame.insert(frame.end(), table.begin(), table.end());
    frame.insert(frame.end(), payload.begin(), payload.end());
    return lies_about_lengths;  // else the library waits for what it was promised, and may
  }

 private:
  void set(Provider* provider) {
    const std::lock_guard lock{mutex_};
    provider_ = provider;
  }

  static void obey(proto::Opcode opcode, Builder& builder, std::vector<std::byte>& payload) {
    const proto::Handle handle{7, 9};
    const proto::SessionKey key{1, 2};
    switch (opcode) {
      case proto::Opcode::Hello:
        return builder.Finish(proto::CreateHelloReply(builder, SEC_E_OK, 0, proto::kMaxVersion, 0, &key));
      case proto::Opcode::AcquireCredentialsHandle:
        return builder.Finish(proto::CreateAcquireCredentialsHandleReply(builder, SEC_E_OK, 0, &handle));
      case proto::Opcode::InitializeSecurityContext:
        return builder.Finish(
            proto::CreateInitializeSecurityContextReply(builder, SEC_E_OK, 0, &handle, ISC_RET_INTEGRITY));
      case proto::Opcode::AcceptSecurityContext:
        payload.assign(20, std::byte{1});
        return builder.Finish(
            proto::CreateAcceptSecurityContextReply(builder, SEC_E_OK, 0, &handle, ASC_RET_INTEGRITY));
      case proto::Opcode::EnumerateSecurityPackages:
        return builder.Finish(proto::CreateEnumerateSecurityPackagesReplyDirect(builder, SEC_E_OK));
      default:
        return builder.Finish(proto::CreatePingReply(builder, SEC_E_INTERNAL_ERROR));
    }
  }

  std::uint32_t number() { return provider_->ConsumeIntegral<std::uint32_t>(); }
  std::int64_t time() { return provider_->ConsumeIntegral<std::int64_t>(); }
  std::vector<std::byte> bytes(std::size_t most) {
    return provider_->ConsumeBytes<std::byte>(provider_->ConsumeIntegralInRange<std::size_t>(0, most));
  }
  flatbuffers::Offset<flatbuffers::String> text(Builder& builder) {
    if (provider_->ConsumeProbability<float>() < 0.1F) return 0;
    return builder.CreateString(provider_->ConsumeRandomLengthString(300));
  }
  SECURITY_STATUS status() {
    return provider_->PickValueInArray<SECURITY_STATUS>({SEC_E_OK, SEC_E_OK, SEC_E_OK, SEC_I_CONTINUE_NEEDED,
                                                         SEC_I_COMPLETE_NEEDED, SEC_E_INCOMPLETE_MESSAGE,
                                                         SEC_E_BUFFER_TOO_SMALL, SEC_E_INVALID_HANDLE, 0x7FFFFFFF});
  }
  flatbuffers::Offset<proto::Package> package(Builder& builder) {
    return proto::CreatePackage(builder, text(builder), text(builder), number(), 1, 9, number());
  }

  std::pair<proto::ContextAttribute, flatbuffers::Offset<void>> attribute(Builder& builder) {
    using Kind = proto::ContextAttribute;
    const auto kind = provider_->ConsumeIntegralInRange<int>(0, static_cast<int>(Kind::MAX));
    switch (static_cast<Kind>(kind)) {
      case Kind::Sizes:
        return {Kind::Sizes, proto::CreateSizes(builder, number(), number(), number(), number()).Union()};
      case Kind::StreamSizes:
        return {Kind::StreamSizes,
                proto::CreateStreamSizes(builder, number(), number(), number(), number(), number()).Union()};
      case Kind::Text:
        return {Kind::Text, proto::CreateText(builder, text(builder)).Union()};
      case Kind::NativeNames:
        return {Kind::NativeNames, proto::CreateNativeNames(builder, text(builder), text(builder)).Union()};
      case Kind::Lifespan:
        return {Kind::Lifespan, proto::CreateLifespan(builder, time(), time()).Union()};
      case Kind::KeyInfo:
        return {Kind::KeyInfo, proto::CreateKeyInfo(builder, text(builder), text(builder), number()).Union()};
      case Kind::SessionKeyValue:
        return {Kind::SessionKeyValue, proto::CreateSessionKeyValue(builder, number()).Union()};
      case Kind::NegotiationInfo:
        return {Kind::NegotiationInfo, proto::CreateNegotiationInfo(builder, package(builder), number()).Union()};
      case Kind::ProtoInfo:
        return {Kind::ProtoInfo, proto::CreateProtoInfo(builder, text(builder), number(), number()).Union()};
      case Kind::Number:
        return {Kind::Number, proto::CreateNumber(builder, number()).Union()};
      case Kind::Time:
        return {Kind::Time, proto::CreateTime(builder, time()).Union()};
      default:
        return {Kind::NONE, 0};
    }
  }

  void tell(proto::Opcode opcode, Builder& builder, std::vector<std::byte>& payload) {
    using proto::Opcode;
    const proto::Handle handle{provider_->ConsumeIntegral<std::uint64_t>(), 3};
    const proto::Handle* maybe = provider_->ConsumeBool() ? &handle : nullptr;
    const proto::SessionKey key{provider_->ConsumeIntegral<std::uint64_t>(), 4};
    const auto detail = text(builder);
    const SECURITY_STATUS said = status();
    payload = bytes(2048);
    switch (opcode) {
      case Opcode::Hello:
        return builder.Finish(
            proto::CreateHelloReply(builder, said, detail, proto::kMaxVersion, 0, &key, text(builder), text(builder)));
      case Opcode::EnumerateSecurityPackages: {
        std::vector<flatbuffers::Offset<proto::Package>> packages;
        for (auto left = provider_->ConsumeIntegralInRange<int>(0, 5); left > 0; --left)
          packages.push_back(package(builder));
        return builder.Finish(
            proto::CreateEnumerateSecurityPackagesReply(builder, said, detail, builder.CreateVector(packages)));
      }
      case Opcode::AcquireCredentialsHandle:
        return builder.Finish(proto::CreateAcquireCredentialsHandleReply(builder, said, detail, maybe, time()));
      case Opcode::AcquireCredentialsForUser:
        return builder.Finish(proto::CreateAcquireCredentialsForUserReply(builder, said, detail, maybe, time()));
      case Opcode::QueryCredentialsAttributes:
        return builder.Finish(proto::CreateQueryCredentialsAttributesReply(builder, said, detail, text(builder)));
      case Opcode::ChangeAccountPassword:
        return builder.Finish(proto::CreateChangeAccountPasswordReply(
            builder, said, detail, proto::CreatePasswordRules(builder, 1, 2, number(), time(), time())));
      case Opcode::InitializeSecurityContext:
        return builder.Finish(
            proto::CreateInitializeSecurityContextReply(builder, said, detail, maybe, number(), time()));
      case Opcode::AcceptSecurityContext:
        return builder.Finish(
            proto::CreateAcceptSecurityContextReply(builder, said, detail, maybe, number(), time(), number()));
      case Opcode::QueryContextAttributes: {
        const auto [kind, value] = attribute(builder);
        return builder.Finish(proto::CreateQueryContextAttributesReply(builder, said, detail, kind, value));
      }
      case Opcode::ImportSecurityContext:
        return builder.Finish(proto::CreateImportSecurityContextReply(builder, said, detail, maybe));
      case Opcode::QueryContextIdentity:
        return builder.Finish(proto::CreateQueryContextIdentityReply(
            builder, said, detail, text(builder), text(builder), provider_->ConsumeBool(), text(builder), text(builder),
            text(builder), provider_->ConsumeIntegralInRange<std::uint32_t>(0, 40)));
      case Opcode::EncryptMessage: {
        // Wild lengths are refused at once; these may fit the payload.
        const auto token =
            provider_->ConsumeBool() ? provider_->ConsumeIntegralInRange<std::uint32_t>(0, 64) : number();
        if (provider_->ConsumeBool()) payload.resize(4 + token % 65);
        return builder.Finish(proto::CreateEncryptMessageReply(
            builder, said, 0, token, provider_->ConsumeProbability<float>() < 0.5F ? 0 : number()));
      }
      case Opcode::DecryptMessage:
        return builder.Finish(proto::CreateDecryptMessageReply(builder, said, 0, number(), number()));
      case Opcode::TranslateName:
        return builder.Finish(proto::CreateTranslateNameReply(builder, said, detail, text(builder), text(builder),
                                                              text(builder), text(builder)));
      default:  // a status is all that the others have
        return builder.Finish(proto::CreateMakeSignatureReply(builder, said, 0));
    }
  }

  std::mutex mutex_;
  Provider* provider_ = nullptr;
};

/// Listens and answers. One thread for all connections.
class FalseDaemon {
 public:
  FalseDaemon() : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = directory_.file("sock");
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_.get(), 128) != 0)
      std::abort();
    ::setenv("SSPI_SOCKET", path.c_str(), 1);
    std::thread([this] { serve(); }).detach();
  }

  Liar liar;

 private:
  void serve() {
    std::vector<proto::Descriptor> connections;
    while (true) {
      std::vector<pollfd> waiting{{listener_.get(), POLLIN, 0}};
      for (const auto& connection : connections) waiting.push_back({connection.get(), POLLIN, 0});
      ::poll(waiting.data(), waiting.size(), -1);
      if (waiting[0].revents != 0) connections.emplace_back(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      for (std::size_t i = waiting.size() - 1; i > 0; --i)
        if (waiting[i].revents != 0 && !talk(waiting[i].fd))
          connections.erase(connections.begin() + static_cast<std::ptrdiff_t>(i - 1));
    }
  }

  /// Whether the connection goes on.
  bool talk(int connection) {
    std::array<std::byte, proto::kHeaderSize> head{};
    if (::recv(connection, head.data(), head.size(), MSG_WAITALL) != static_cast<ssize_t>(head.size())) return false;
    const auto request = proto::decode_header(head);
    std::vector<std::byte> body(request.body());
    if (!body.empty() && ::recv(connection, body.data(), body.size(), MSG_WAITALL) != static_cast<ssize_t>(body.size()))
      return false;
    if (proto::is_one_way(request.opcode)) return true;
    std::vector<std::byte> frame;
    const bool ends = liar.answer(request, frame);
    return ::send(connection, frame.data(), frame.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(frame.size()) && !ends;
  }

  test::Directory directory_;
  proto::Descriptor listener_;
};

FalseDaemon& daemon() {
  static FalseDaemon* const only = new FalseDaemon;
  return *only;
}

// ---- The program ----

char kerberos[] = "Kerberos";
char target[] = "host/localhost";

/// A block of exactly this size, which sees a byte too many.
class Block {
 public:
  explicit Block(std::size_t size) : bytes_(std::make_unique<char[]>(size)), size_(static_cast<ULONG>(size)) {}
  [[nodiscard]] SecBuffer as(ULONG type) const { return {size_, type, bytes_.get()}; }

 private:
  std::unique_ptr<char[]> bytes_;
  ULONG size_;
};

constexpr ULONG kAttributes[] = {SECPKG_ATTR_SIZES,
                                 SECPKG_ATTR_NAMES,
                                 SECPKG_ATTR_LIFESPAN,
                                 SECPKG_ATTR_STREAM_SIZES,
                                 SECPKG_ATTR_KEY_INFO,
                                 SECPKG_ATTR_AUTHORITY,
                                 SECPKG_ATTR_PROTO_INFO,
                                 SECPKG_ATTR_PASSWORD_EXPIRY,
                                 SECPKG_ATTR_SESSION_KEY,
                                 SECPKG_ATTR_PACKAGE_INFO,
                                 SECPKG_ATTR_NEGOTIATION_INFO,
                                 SECPKG_ATTR_NATIVE_NAMES,
                                 SECPKG_ATTR_FLAGS,
                                 SECPKG_ATTR_ACCESS_TOKEN,
                                 SECPKG_ATTR_LOGOFF_TIME,
                                 SECPKG_ATTR_NEGO_STATUS,
                                 SECPKG_ATTR_CLIENT_SPECIFIED_TARGET,
                                 SECPKG_ATTR_SUBJECT_SECURITY_ATTRIBUTES};

void free_attribute(ULONG attribute, void* buffer) {
  void** const pointers = static_cast<void**>(buffer);
  switch (attribute) {
    case SECPKG_ATTR_NAMES:
    case SECPKG_ATTR_AUTHORITY:
    case SECPKG_ATTR_CLIENT_SPECIFIED_TARGET:
    case SECPKG_ATTR_PACKAGE_INFO:
    case SECPKG_ATTR_NEGOTIATION_INFO:
    case SECPKG_ATTR_PROTO_INFO:
      FreeContextBuffer(pointers[0]);
      break;
    case SECPKG_ATTR_NATIVE_NAMES:
    case SECPKG_ATTR_KEY_INFO:
      FreeContextBuffer(pointers[0]);
      FreeContextBuffer(pointers[1]);
      break;
    case SECPKG_ATTR_SESSION_KEY:
      FreeContextBuffer(static_cast<SecPkgContext_SessionKey*>(buffer)->SessionKey);
      break;
    default:
      break;
  }
}

void query_context(CtxtHandle& context, ULONG attribute, bool wide) {
  alignas(void*) char buffer[256] = {};
  const SECURITY_STATUS status = wide ? QueryContextAttributesW(&context, attribute, buffer)
                                      : QueryContextAttributesA(&context, attribute, buffer);
  if (status == SEC_E_OK) free_attribute(attribute, buffer);
}

void query_token(CtxtHandle& context) {
  HANDLE token = nullptr;
  if (QuerySecurityContextToken(&context, &token) != SEC_E_OK) return;
  SspiTokenInformation* information = nullptr;
  if (SspiQueryTokenInformation(token, &information) == SEC_E_OK) FreeContextBuffer(information);
  CloseHandle(token);
}

void step(CredHandle& credential, bool initiates, bool allocates, ULONG room) {
  const Block token(room);
  SecBuffer out = allocates ? SecBuffer{0, SECBUFFER_TOKEN, nullptr} : token.as(SECBUFFER_TOKEN);
  SecBufferDesc list{SECBUFFER_VERSION, 1, &out};
  CtxtHandle context{};
  ULONG attributes = 0;
  const Block peers(20);
  SecBuffer in = peers.as(SECBUFFER_TOKEN);
  SecBufferDesc from_peer{SECBUFFER_VERSION, 1, &in};
  const SECURITY_STATUS status =
      initiates ? InitializeSecurityContextA(&credential, nullptr, target, allocates ? ISC_REQ_ALLOCATE_MEMORY : 0, 0,
                                             SECURITY_NATIVE_DREP, nullptr, 0, &context, &list, &attributes, nullptr)
                : AcceptSecurityContext(&credential, nullptr, &from_peer, allocates ? ASC_REQ_ALLOCATE_MEMORY : 0,
                                        SECURITY_NATIVE_DREP, &context, &list, &attributes, nullptr);
  if (allocates) FreeContextBuffer(out.pvBuffer);
  if (status >= 0) DeleteSecurityContext(&context);
}

void protect(CtxtHandle& context, int call, const std::vector<std::size_t>& sizes, bool stream) {
  const Block first(sizes[0]), data(sizes[1]), last(sizes[2]);
  SecBuffer buffers[3] = {first.as(SECBUFFER_TOKEN), data.as(SECBUFFER_DATA), last.as(SECBUFFER_PADDING)};
  SecBufferDesc list{SECBUFFER_VERSION, call < 2 ? 2U : 3U, buffers};
  ULONG quality = 0;
  if (stream && call == 3) {
    buffers[0].BufferType = SECBUFFER_STREAM;
    buffers[1] = {0, SECBUFFER_DATA, nullptr};
    list.cBuffers = 2;
  }
  if (call == 0) MakeSignature(&context, 0, &list, 0);
  if (call == 1) VerifySignature(&context, &list, 0, &quality);
  if (call == 2) EncryptMessage(&context, 0, &list, 0);
  if (call == 3) DecryptMessage(&context, &list, 0, &quality);
}

void hand_over(CtxtHandle& context) {
  SecBuffer packed{};
  HANDLE token = nullptr;
  if (ExportSecurityContext(&context, 0, &packed, &token) == SEC_E_OK) FreeContextBuffer(packed.pvBuffer);
  const Block bytes(64);
  SecBuffer blob = bytes.as(SECBUFFER_EMPTY);
  CtxtHandle imported{};
  if (ImportSecurityContextA(kerberos, &blob, nullptr, &imported) == SEC_E_OK) DeleteSecurityContext(&imported);
}

void ask_for_names(CredHandle& credential) {
  SecPkgCredentials_NamesA names{};
  if (QueryCredentialsAttributesA(&credential, SECPKG_CRED_ATTR_NAMES, &names) == SEC_E_OK)
    FreeContextBuffer(names.sUserName);
  char name[64];
  ULONG size = sizeof name;
  GetUserNameExA(NameSamCompatible, name, &size);
  size = sizeof name;
  TranslateNameA("EXAMPLE\\alice", NameSamCompatible, NameUserPrincipal, name, &size);
}

void enumerate() {
  ULONG count = 0;
  SecPkgInfoA* packages = nullptr;
  if (EnumerateSecurityPackagesA(&count, &packages) == SEC_E_OK) FreeContextBuffer(packages);
}

void acquire() {
  CredHandle credential{};
  if (AcquireCredentialsHandleA(nullptr, kerberos, SECPKG_CRED_BOTH, nullptr, nullptr, nullptr, nullptr, &credential,
                                nullptr) == SEC_E_OK)
    FreeCredentialsHandle(&credential);
}

/// SASL's negotiation of the layer, on messages that the daemon says to have opened. Both ends begin while it obeys.
void negotiate_layer(Provider& choice, CredHandle& credential, Liar& liar, Provider& lies) {
  const bool initiates = choice.ConsumeBool();
  const Block token(choice.ConsumeIntegralInRange<std::size_t>(0, 100)), room(3000);
  CtxtHandle context{};
  for (int call = 0; call < 3; ++call) {
    const bool is_first = call == 0;
    SecBuffer in = token.as(SECBUFFER_TOKEN), out = room.as(SECBUFFER_TOKEN);
    SecBufferDesc inputs{SECBUFFER_VERSION, 1, &in}, outputs{SECBUFFER_VERSION, 1, &out};
    CtxtHandle* const known = is_first ? nullptr : &context;
    is_first ? liar.obey() : liar.lie(lies);
    ULONG attributes = 0;
    const SECURITY_STATUS status =
        initiates
            ? SaslInitializeSecurityContextA(&credential, known, target, ISC_REQ_INTEGRITY, 0, SECURITY_NATIVE_DREP,
                                             is_first ? nullptr : &inputs, 0, &context, &outputs, &attributes, nullptr)
            : SaslAcceptSecurityContext(&credential, known, &inputs, ASC_REQ_INTEGRITY, SECURITY_NATIVE_DREP, &context,
                                        &outputs, &attributes, nullptr);
    if (is_first && status < 0) return;
  }
  DeleteSecurityContext(&context);
}

void one_call(Provider& choice, CredHandle& credential, CtxtHandle& context, Liar& liar, Provider& lies) {
  switch (choice.ConsumeIntegralInRange<int>(0, 9)) {
    case 0:
    case 1:
      return query_context(context, choice.PickValueInArray(kAttributes), choice.ConsumeBool());
    case 2:
      return query_token(context);
    case 3:
      return step(credential, choice.ConsumeBool(), choice.ConsumeBool(),
                  choice.ConsumeIntegralInRange<ULONG>(0, 3000));
    case 4: {
      std::vector<std::size_t> sizes;
      for (int i = 0; i < 3; ++i) sizes.push_back(choice.ConsumeIntegralInRange<std::size_t>(0, 300));
      return protect(context, choice.ConsumeIntegralInRange<int>(0, 3), sizes, choice.ConsumeBool());
    }
    case 5:
      return hand_over(context);
    case 6:
      return ask_for_names(credential);
    case 7:
      return enumerate();
    case 8:
      return negotiate_layer(choice, credential, liar, lies);
    default:
      return acquire();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Liar& liar = daemon().liar;
  Provider provider(data, size);
  Provider choice(data, std::min<std::size_t>(size, 16));  // the program's own; what is left is the liar's
  static_cast<void>(provider.ConsumeBytes<std::uint8_t>(16));

  liar.obey();
  CredHandle credential{};
  CtxtHandle context{};
  ULONG attributes = 0;
  if (AcquireCredentialsHandleA(nullptr, kerberos, SECPKG_CRED_BOTH, nullptr, nullptr, nullptr, nullptr, &credential,
                                nullptr) != SEC_E_OK)
    __builtin_trap();
  if (InitializeSecurityContextA(&credential, nullptr, target, 0, 0, SECURITY_NATIVE_DREP, nullptr, 0, &context,
                                 nullptr, &attributes, nullptr) != SEC_E_OK)
    __builtin_trap();
  liar.lie(provider);
  one_call(choice, credential, context, liar, provider);
  liar.obey();
  DeleteSecurityContext(&context);
  FreeCredentialsHandle(&credential);
  return 0;
}
