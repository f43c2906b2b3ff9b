#include "daemon/worker/dispatch.h"

#include <array>
#include <new>
#include <type_traits>

#include <spdlog/spdlog.h>

#include "daemon/worker/audit.h"
#include "daemon/worker/calls/calls.h"
#include "daemon/worker/metrics.h"
#include "daemon/worker/text.h"
#include "daemon/worker/well_formed.h"
#include "proto/limits.h"

namespace sspid::worker {

namespace {

/// From here on a message keeps a thread busy for milliseconds, and a hop to the pool costs nothing beside it.
constexpr std::size_t kLongMessage = std::size_t{1} << 20;

constexpr std::array<std::byte, proto::kMessageReplyTable> kZeros{};

iovec piece(std::span<const std::byte> bytes) { return {const_cast<std::byte*>(bytes.data()), bytes.size()}; }

/// Cuts text for people to `limit` bytes without cutting a character in two.
std::string cut(std::string text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  text.resize(limit);
  return text;
}

template <class Request>
const Request* decode(std::span<const std::byte> table) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(table.data());
  flatbuffers::Verifier verifier(bytes, table.size(), 16, 256);
  return verifier.VerifyBuffer<Request>(nullptr) ? flatbuffers::GetRoot<Request>(bytes) : nullptr;
}

template <class Request>
const Request& admitted(const Frame& frame) {
  return *flatbuffers::GetRoot<Request>(frame.table.data());
}

// Where each kind of call starts. Everything that is not named here cannot wait.
template <class Request>
Where where_of(const Request&, const Frame& frame, const Session&) {
  return frame.payload.size() >= kLongMessage ? Where::pool : Where::event_loop;
}

/// KCM and keyrings answer through other processes; a FILE cache comes as a descriptor.
Where where_to_find_tickets(const proto::TicketCache* cache, const Frame& frame) {
  return cache && cache->open_error() == 0 && !frame.descriptor ? Where::pool : Where::event_loop;
}

Where where_of(const proto::AcquireCredentialsHandleRequest& request, const Frame& frame, const Session&) {
  // Who acts for a client may first need the service's own ticket.
  return request.impersonating() ? Where::pool : where_to_find_tickets(request.cache(), frame);
}

Where where_of(const proto::AcquireCredentialsForUserRequest&, const Frame&, const Session&) { return Where::pool; }

Where where_of(const proto::AddCredentialsRequest& request, const Frame& frame, const Session&) {
  return where_to_find_tickets(request.cache(), frame);
}

Where where_of(const proto::ChangeAccountPasswordRequest&, const Frame&, const Session&) { return Where::pool; }

Where where_of(const proto::InitializeSecurityContextRequest& request, const Frame&, const Session& session) {
  if (request.context()) return Where::event_loop;  // only the first leg asks a KDC
  const auto credential = session.credentials.find(request.credential());
  const std::string target = request.target() ? request.target()->str() : std::string();
  return credential && credential->may_wait_for(target) ? Where::pool : Where::event_loop;
}

// A mechanism may ask the system's user database, which may be a server.
Where where_of(const proto::QueryContextIdentityRequest&, const Frame&, const Session&) { return Where::pool; }
// A mechanism that is only configured may do anything: IAKERB asks the KDC on behalf of its client.
Where where_of(const proto::AcceptSecurityContextRequest& request, const Frame&, const Session& session) {
  const auto is_other = [](const auto& object) { return object && object->package().family == Family::other; };
  if (is_other(session.credentials.find(request.credential()))) return Where::pool;
  const auto context = session.contexts.find(request.context());
  return context && is_other(context->credential) ? Where::pool : Where::event_loop;
}

// What a call was about, for the statistics of failures. Looked up after the call, and only where it failed.
template <class Request>
std::string_view package_of(const Request& request, const Session& session) {
  if constexpr (requires { request.context(); })
    if (const auto context = session.contexts.find(request.context())) return context->package->name;
  if constexpr (requires { request.credential(); })
    if (const auto credential = session.credentials.find(request.credential())) return credential->package().name;
  if constexpr (requires { request.package(); })
    if (const Package* package = request.package() ? find_package(request.package()->string_view()) : nullptr)
      return package->name;
  return {};
}

}  // namespace

struct AnswerBuffer {
  flatbuffers::FlatBufferBuilder builder{1024};
  std::array<std::byte, proto::kHeaderSize> header;
  Payload payload;
  std::vector<iovec> parts;

  /// Header, table (padded for the message calls), payload.
  void assemble(const proto::FrameHeader& request) {
    const std::size_t table = builder.GetSize();
    const std::size_t padding = proto::has_fixed_reply_table(request.opcode) ? kZeros.size() - table : 0;
    header = proto::encode_header({.table = static_cast<std::uint32_t>(table + padding),
                                   .payload = static_cast<std::uint32_t>(payload.size()),
                                   .request = request.request,
                                   .opcode = request.opcode,
                                   .flags = proto::kReplyFlag});
    parts.clear();
    parts.push_back(piece(header));
    parts.push_back({builder.GetBufferPointer(), table});
    if (padding) parts.push_back(piece(std::span(kZeros).first(padding)));
    for (const auto& bytes : payload.pieces()) parts.push_back(piece(bytes));
  }
};

std::span<const iovec> Answer::parts() const {
  return buffer_ ? std::span<const iovec>(buffer_->parts) : std::span<const iovec>();
}

Answer& Answer::operator=(Answer&& other) noexcept {
  std::swap(buffer_, other.buffer_);
  return *this;
}

Answer::~Answer() {
  if (buffer_) buffer_->payload.clear();
}

/// One row per call: how its frame is checked, where it starts, how it is carried out.
struct Rows {
  struct Row {
    proto::Opcode opcode;
    std::optional<Where> (*admit)(const Dispatcher&, const Frame&);
    Outcome (*run)(Dispatcher&, Frame&, bool may_wait);
  };

  template <class Request>
  static std::optional<Where> admit(const Dispatcher& dispatcher, const Frame& frame) {
    const Request* request = decode<Request>(frame.table);
    if (!request || !well_formed(*request, frame) || !dispatcher.session_) return std::nullopt;
    return where_of(*request, frame, *dispatcher.session_);
  }

  static std::optional<Where> admit_hello(const Dispatcher& dispatcher, const Frame& frame) {
    const auto* request = decode<proto::HelloRequest>(frame.table);
    if (!request || !well_formed(*request, frame) || dispatcher.session_) return std::nullopt;
    return Where::event_loop;
  }

  /// Writes the reply's table; nothing of an outcome that will be computed again.
  template <class Table>
  static void encode(Dispatcher& dispatcher, proto::Opcode opcode, Table& table, const Outcome& outcome) {
    if (outcome.status == kMustWait) return;
    table.status = outcome.status;
    // It may tell a name that somebody else chose.
    table.detail = cut(as_utf8(outcome.detail),
                       proto::has_fixed_reply_table(opcode) ? proto::kMaxMessageDetail : proto::kMaxDetail);
    auto& builder = dispatcher.buffer_->builder;
    builder.Clear();
    builder.Finish(Table::TableType::Pack(builder, &table));
  }

  /// For a handler that did not come back. Every reply starts with the same two fields, so one table stands for all.
  static void encode_failure(Dispatcher& dispatcher, SECURITY_STATUS status) {
    proto::PingReplyT failed;
    dispatcher.buffer_->payload.clear();
    encode(dispatcher, proto::Opcode::Ping, failed, status);
  }

  /// What administrators learn of the call: failures are counted, and what hands out rights has its line.
  template <class Request, class Table>
  static void note(const Dispatcher& dispatcher, const Frame& frame, const Request& in, const Table& out,
                   const Outcome& outcome) {
    if (outcome.status == kMustWait) return;
    if (!outcome.ok())
      dispatcher.worker_.metrics->count_failure(frame.header.opcode, package_of(in, *dispatcher.session_),
                                                outcome.status);
    if constexpr (audit::audited<Request, Table>) {
      const auto grant = dispatcher.worker_.grant();
      audit::note({dispatcher.client_, *grant, dispatcher.number_, frame.header.request}, *dispatcher.session_, in, out,
                  {outcome, Metrics::Clock::now() - dispatcher.began_});
    }
  }

  static Caller caller_of(Dispatcher& dispatcher, Frame& frame, bool may_wait) {
    return {dispatcher.worker_, *dispatcher.session_, frame.payload, frame.descriptor, *dispatcher.made_, may_wait};
  }

  template <auto kHandler, class Request, class Table>
  static Outcome run(Dispatcher& dispatcher, Frame& frame, bool may_wait) {
    Caller caller = caller_of(dispatcher, frame, may_wait);
    Reply<Table> reply{{}, dispatcher.buffer_->payload};
    Outcome outcome = kHandler(caller, admitted<Request>(frame), reply);
    note(dispatcher, frame, admitted<Request>(frame), reply.table, outcome);
    encode(dispatcher, frame.header.opcode, reply.table, outcome);
    return outcome;
  }

  template <auto kHandler, class Request>
  static Outcome run_one_way(Dispatcher& dispatcher, Frame& frame, bool may_wait) {
    Caller caller = caller_of(dispatcher, frame, may_wait);
    kHandler(caller, admitted<Request>(frame));
    return {};
  }

  static Outcome run_hello(Dispatcher& dispatcher, Frame& frame, bool) {
    const auto& request = admitted<proto::HelloRequest>(frame);
    proto::HelloReplyT reply;
    Outcome outcome;
    if (request.min_version() > proto::kMaxVersion || request.max_version() < proto::kMinVersion)
      outcome = {SEC_E_UNSUPPORTED_FUNCTION, "library and daemon have no protocol version in common"};
    else if (dispatcher.session_ = request.session() ? dispatcher.worker_.sessions->join(*request.session())
                                                     : dispatcher.worker_.sessions->open(dispatcher.client_);
             !dispatcher.session_)
      outcome = {SEC_E_INVALID_HANDLE, "no such session"};
    else
      reply.session = std::make_unique<proto::SessionKey>(dispatcher.session_->key);
    reply.version = proto::kMaxVersion;
    reply.default_cache = dispatcher.worker_.settings.default_cache;
    reply.default_realm = dispatcher.worker_.settings.default_realm;
    encode(dispatcher, proto::Opcode::Hello, reply, outcome);
    return outcome;
  }

  // Request and reply are deduced from the handler's own signature.
  template <auto kHandler, class Request, class Table>
  static constexpr Row row(proto::Opcode opcode, Outcome (*)(Caller&, const Request&, Reply<Table>&)) {
    return {opcode, &admit<Request>, &run<kHandler, Request, Table>};
  }
  template <auto kHandler, class Request>
  static constexpr Row row(proto::Opcode opcode, void (*)(Caller&, const Request&)) {
    return {opcode, &admit<Request>, &run_one_way<kHandler, Request>};
  }
  template <auto kHandler>
  static constexpr Row call(proto::Opcode opcode) {
    return row<kHandler>(opcode, kHandler);
  }

  static const Row* find(proto::Opcode opcode);
};

const Rows::Row* Rows::find(proto::Opcode opcode) {
  using proto::Opcode;
  static constexpr Row kRows[] = {
      {Opcode::Hello, &admit_hello, &run_hello},
      call<calls::ping>(Opcode::Ping),
      call<calls::enumerate_security_packages>(Opcode::EnumerateSecurityPackages),
      call<calls::acquire_credentials_handle>(Opcode::AcquireCredentialsHandle),
      call<calls::acquire_credentials_for_user>(Opcode::AcquireCredentialsForUser),
      call<calls::free_credentials_handle>(Opcode::FreeCredentialsHandle),
      call<calls::query_credentials_attributes>(Opcode::QueryCredentialsAttributes),
      call<calls::add_credentials>(Opcode::AddCredentials),
      call<calls::set_credentials_attributes>(Opcode::SetCredentialsAttributes),
      call<calls::change_account_password>(Opcode::ChangeAccountPassword),
      call<calls::translate_name>(Opcode::TranslateName),
      call<calls::protect_for_logon>(Opcode::ProtectForLogon),
      call<calls::initialize_security_context>(Opcode::InitializeSecurityContext),
      call<calls::accept_security_context>(Opcode::AcceptSecurityContext),
      call<calls::delete_security_context>(Opcode::DeleteSecurityContext),
      call<calls::query_context_attributes>(Opcode::QueryContextAttributes),
      call<calls::export_security_context>(Opcode::ExportSecurityContext),
      call<calls::import_security_context>(Opcode::ImportSecurityContext),
      call<calls::query_context_identity>(Opcode::QueryContextIdentity),
      call<calls::make_signature>(Opcode::MakeSignature),
      call<calls::verify_signature>(Opcode::VerifySignature),
      call<calls::encrypt_message>(Opcode::EncryptMessage),
      call<calls::decrypt_message>(Opcode::DecryptMessage),
  };
  for (const Row& row : kRows)
    if (row.opcode == opcode) return &row;
  return nullptr;
}

Dispatcher::Dispatcher(Worker& worker, Client client)
    : worker_(worker),
      client_(std::move(client)),
      number_(worker.connections.fetch_add(1, std::memory_order_relaxed) + 1),
      buffer_(std::make_unique<AnswerBuffer>()),
      made_(std::make_unique<Made>()) {}
Dispatcher::~Dispatcher() = default;

std::optional<Where> Dispatcher::admit(const Frame& frame) {
  if (frame.header.flags != 0) return std::nullopt;
  const Rows::Row* row = Rows::find(frame.header.opcode);
  began_ = Metrics::Clock::now();
  return row ? row->admit(*this, frame) : std::nullopt;
}

std::optional<Answer> Dispatcher::answer(Frame& frame, Where where) {
  const Rows::Row* row = Rows::find(frame.header.opcode);
  const bool one_way = proto::is_one_way(frame.header.opcode);
  buffer_->payload.clear();
  *made_ = {};
  try {
    const Outcome outcome = row->run(*this, frame, where == Where::pool);
    if (outcome.status == kMustWait) return std::nullopt;
  } catch (const std::bad_alloc&) {
    fail(frame.header.opcode, SEC_E_INSUFFICIENT_MEMORY);
  } catch (const std::exception& failure) {
    spdlog::error("call {}: {}", proto::EnumNameOpcode(frame.header.opcode), failure.what());
    fail(frame.header.opcode, SEC_E_INTERNAL_ERROR);
  }
  worker_.metrics->count_call(frame.header.opcode, Metrics::Clock::now() - began_);
  if (one_way) return Answer(nullptr);
  buffer_->assemble(frame.header);
  return Answer(buffer_.get());
}

// The handler did not come back.
void Dispatcher::fail(proto::Opcode opcode, SECURITY_STATUS status) {
  Rows::encode_failure(*this, status);
  worker_.metrics->count_failure(opcode, {}, status);
}

void Dispatcher::take_back() {
  if (made_->credential) session_->credentials.remove(&*made_->credential);
  if (made_->context) session_->contexts.remove(&*made_->context);
  *made_ = {};
}

}  // namespace sspid::worker
