#include "client-lib/leg.h"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "client-lib/context_buffers.h"
#include "client-lib/last_error.h"
#include "client-lib/time_stamp.h"

namespace sspi {

namespace {

// The same bit in the requests and the results of both calls.
constexpr ULONG kAllocateMemory = ISC_REQ_ALLOCATE_MEMORY;
static_assert(ASC_REQ_ALLOCATE_MEMORY == kAllocateMemory && ISC_RET_ALLOCATED_MEMORY == kAllocateMemory &&
              ASC_RET_ALLOCATED_MEMORY == kAllocateMemory);

class Leg {
 public:
  Leg(const LegKind& kind, const LegArguments& arguments)
      : kind_(kind),
        arguments_(arguments),
        input_(arguments.input),
        output_(arguments.output),
        token_out_(output_.first(SECBUFFER_TOKEN)),
        allocate_((arguments.requirements & kAllocateMemory) != 0) {}

  [[nodiscard]] SECURITY_STATUS run(const std::string* target);

  /// A failed call leaves nothing behind that could be taken for a token or a result.
  void clear_outputs() const;

 private:
  [[nodiscard]] SECURITY_STATUS first(const std::string* target);
  [[nodiscard]] SECURITY_STATUS later();
  [[nodiscard]] SECURITY_STATUS read_input();
  [[nodiscard]] SECURITY_STATUS ask(Session& session, const Request& request, Answer& answer, LegReply& reply) const;

  [[nodiscard]] bool token_fits(const LegReply& reply) const;
  [[nodiscard]] SECURITY_STATUS keep(Object& object, std::vector<std::byte> question, const LegReply& reply,
                                     Unclaimed context);
  [[nodiscard]] SECURITY_STATUS deliver_first(Object& credential, std::vector<std::byte> question,
                                              const LegReply& reply, Unclaimed context);
  [[nodiscard]] ContextBuffer token_memory(const LegReply& reply) const;
  void place_token(const LegReply& reply, ContextBuffer memory);
  void place_results(const LegReply& reply) const;

  const LegKind& kind_;
  const LegArguments& arguments_;
  SecBuffers input_;
  SecBuffers output_;
  SecBuffer* token_out_;
  bool allocate_;
  bool kept_ = false;
  bool token_placed_ = false;
  std::span<const std::byte> token_in_;
  std::optional<ChannelBindings> bindings_;
};

bool equal(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

std::vector<std::byte> joined(std::span<const std::byte> table, std::span<const std::byte> token) {
  std::vector<std::byte> all(table.begin(), table.end());
  all.insert(all.end(), token.begin(), token.end());
  return all;
}

// The reply that this question is waiting for. Another question discards what was kept, and with it a context that was
// never delivered.
std::unique_ptr<PendingLeg> take_pending(Object& object, std::span<const std::byte> question) {
  std::unique_ptr<PendingLeg> pending = std::move(object.pending);
  if (pending && !equal(pending->question, question)) pending.reset();
  return pending;
}

SECURITY_STATUS Leg::run(const std::string* target) {
  if (arguments_.new_context == nullptr) return failed(SEC_E_INVALID_HANDLE, "phNewContext is NULL");
  const bool is_first = arguments_.context == nullptr;
  if (is_first) SecInvalidateHandle(arguments_.new_context);
  if (!input_.valid() || !output_.valid()) return failed(SEC_E_INVALID_TOKEN, "a SecBufferDesc is malformed");
  return is_first ? first(target) : later();
}

SECURITY_STATUS Leg::read_input() {
  if (const SecBuffer* token = input_.first(SECBUFFER_TOKEN)) {
    const auto bytes = contents(*token);
    if (!bytes || bytes->size() > proto::kMaxToken)
      return failed(SEC_E_INVALID_TOKEN, "the input TOKEN has no pointer or is too long");
    token_in_ = *bytes;
  } else if (arguments_.context != nullptr || kind_.first_leg_needs_token) {
    return failed(SEC_E_INVALID_TOKEN, "the input has no TOKEN buffer");
  }
  if (arguments_.context != nullptr && token_in_.empty())
    return failed(SEC_E_INVALID_TOKEN, "the peer's token is empty");  // E-047, E-048

  if (const SecBuffer* buffer = input_.first(SECBUFFER_CHANNEL_BINDINGS)) {
    const auto bytes = contents(*buffer);
    if (bytes) bindings_ = parse_channel_bindings(*bytes);
    if (!bindings_) return failed(SEC_E_INVALID_PARAMETER, "the channel bindings do not lie inside their buffer");
  }
  return SEC_E_OK;
}

SECURITY_STATUS Leg::ask(Session& session, const Request& request, Answer& answer, LegReply& reply) const {
  if (const SECURITY_STATUS status = kind_.ask(session, request, answer, reply); status != SEC_E_OK) return status;
  reply.token = answer.reply.payload;
  return SEC_E_OK;
}

SECURITY_STATUS Leg::first(const std::string* target) {
  const std::shared_ptr<Credential> credential = find_credential(arguments_.credential);
  if (!credential) return unknown_handle();
  if (const SECURITY_STATUS status = read_input(); status != SEC_E_OK) return status;

  TableBuilder builder;
  const auto table = kind_.encode(builder, {.credential = &credential->id,
                                            .target = target,
                                            .requirements = arguments_.requirements & ~kAllocateMemory,
                                            .bindings = bindings_ ? &*bindings_ : nullptr});
  std::unique_ptr<PendingLeg> pending;
  {
    const std::lock_guard lock(credential->lock);
    if (credential->pending) pending = take_pending(*credential, joined(table, token_in_));
  }
  if (pending) {
    LegReply reply = pending->reply;
    reply.token = pending->token;
    return deliver_first(*credential, std::move(pending->question), reply, std::move(pending->context));
  }

  const iovec payload{const_cast<std::byte*>(token_in_.data()), token_in_.size()};
  Answer answer;
  LegReply reply;
  const Request request{.opcode = kind_.opcode, .table = table, .payload = std::span(&payload, 1)};
  if (const SECURITY_STATUS status = ask(*credential->session, request, answer, reply); status != SEC_E_OK)
    return status;
  Unclaimed context;
  if (reply.has_context) context = {credential->session, proto::Opcode::DeleteSecurityContext, reply.context};
  if (!SEC_SUCCESS(reply.status)) {
    place_token(reply, token_memory(reply));
    return reply.status;
  }
  if (!reply.has_context) return failed(SEC_E_INTERNAL_ERROR, "sspid's reply names no context");
  if (token_fits(reply)) return deliver_first(*credential, {}, reply, std::move(context));
  return keep(*credential, joined(table, token_in_), reply, std::move(context));
}

SECURITY_STATUS Leg::deliver_first(Object& credential, std::vector<std::byte> question, const LegReply& reply,
                                   Unclaimed context) {
  if (!token_fits(reply)) return keep(credential, std::move(question), reply, std::move(context));
  // What can fail comes first: after it the context is the caller's.
  const auto object = std::make_shared<Context>(context.session(), context.id());
  ContextBuffer memory = token_memory(reply);
  publish(object, *arguments_.new_context);
  place_token(reply, std::move(memory));
  context.claimed();
  place_results(reply);
  return reply.status;
}

SECURITY_STATUS Leg::later() {
  const ContextInUse context(arguments_.context);
  if (!context) return unknown_handle();
  std::shared_ptr<Credential> credential;
  if (arguments_.credential != nullptr) {
    credential = find_credential(arguments_.credential);
    if (!credential || credential->session != context->session) return unknown_handle();
  }
  if (const SECURITY_STATUS status = read_input(); status != SEC_E_OK) return status;

  // On a later leg the context itself and the peer's token say which call is repeated.
  std::unique_ptr<PendingLeg> pending;
  if (context->pending) pending = take_pending(*context, token_in_);

  Answer answer;
  LegReply reply;
  if (pending) {
    reply = pending->reply;
    reply.token = pending->token;
  } else {
    TableBuilder builder;
    const auto table = kind_.encode(builder, {.credential = credential ? &credential->id : nullptr,
                                              .context = &context->id,
                                              .requirements = arguments_.requirements & ~kAllocateMemory,
                                              .bindings = bindings_ ? &*bindings_ : nullptr});
    const iovec payload{const_cast<std::byte*>(token_in_.data()), token_in_.size()};
    const Request request{.opcode = kind_.opcode, .table = table, .payload = std::span(&payload, 1)};
    if (const SECURITY_STATUS status = ask(*context->session, request, answer, reply); status != SEC_E_OK)
      return status;
  }
  if (SEC_SUCCESS(reply.status) && !token_fits(reply)) return keep(*context, joined({}, token_in_), reply, {});
  place_token(reply, token_memory(reply));
  if (!SEC_SUCCESS(reply.status)) return reply.status;
  write_handle(context->id, *arguments_.new_context);
  place_results(reply);
  return reply.status;
}

bool Leg::token_fits(const LegReply& reply) const {
  if (reply.token.empty()) return true;
  return token_out_ != nullptr && (allocate_ || capacity(token_out_) >= reply.token.size());
}

SECURITY_STATUS Leg::keep(Object& object, std::vector<std::byte> question, const LegReply& reply, Unclaimed context) {
  auto pending = std::make_unique<PendingLeg>();
  pending->question = std::move(question);
  pending->reply = reply;
  pending->token.assign(reply.token.begin(), reply.token.end());
  pending->context = std::move(context);
  if (arguments_.context == nullptr) {
    const std::lock_guard lock(object.lock);
    pending.swap(object.pending);
  } else {
    pending.swap(object.pending);  // the context is in use by this call
  }
  kept_ = true;
  if (token_out_ == nullptr) return failed(SEC_E_INVALID_TOKEN, "the output has no TOKEN buffer for the token");
  token_out_->cbBuffer = static_cast<ULONG>(reply.token.size());
  return failed(SEC_E_BUFFER_TOO_SMALL, "the token is longer than the TOKEN buffer; cbBuffer tells how long");
}

ContextBuffer Leg::token_memory(const LegReply& reply) const {
  return allocate_ && token_out_ != nullptr && !reply.token.empty() ? ContextBuffer(reply.token.size())
                                                                    : ContextBuffer();
}

void Leg::place_token(const LegReply& reply, ContextBuffer memory) {
  if (token_out_ == nullptr) return;
  auto length = static_cast<ULONG>(reply.token.size());
  if (allocate_)
    token_out_->pvBuffer = memory.hand_out();
  else if (capacity(token_out_) < length)
    length = 0;  // an error token that does not fit is dropped: the call has failed anyway
  if (length != 0) std::memcpy(token_out_->pvBuffer, reply.token.data(), length);
  token_out_->cbBuffer = length;
  token_placed_ = true;
}

void Leg::place_results(const LegReply& reply) const {
  if (arguments_.attributes != nullptr)
    *arguments_.attributes = (reply.attributes & ~kAllocateMemory) | (allocate_ ? kAllocateMemory : 0);
  write_time(reply.expiry, arguments_.expiry);
  SecBuffer* result = output_.first(SECBUFFER_CHANNEL_BINDINGS_RESULT);
  const SEC_CHANNEL_BINDINGS_RESULT flags{.flags = reply.bindings_result};
  if (capacity(result) < sizeof flags) return;
  std::memcpy(result->pvBuffer, &flags, sizeof flags);
  result->cbBuffer = sizeof flags;
}

void Leg::clear_outputs() const {
  if (kept_) return;
  if (arguments_.attributes != nullptr) *arguments_.attributes = 0;
  write_time(0, arguments_.expiry);
  if (token_placed_ || token_out_ == nullptr) return;
  token_out_->cbBuffer = 0;
  if (allocate_) token_out_->pvBuffer = nullptr;
}

}  // namespace

SECURITY_STATUS run_leg(const LegKind& kind, const LegArguments& arguments, const std::string* target) {
  Leg leg(kind, arguments);
  const SECURITY_STATUS status = leg.run(target);
  if (!SEC_SUCCESS(status)) leg.clear_outputs();
  return status;
}

}  // namespace sspi
