#include "client-lib/leg.h"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "client-lib/time_stamp.h"

namespace sspi {

namespace {

// The same bit in the requests and the results of both calls.
constexpr ULONG kAllocateMemory = ISC_REQ_ALLOCATE_MEMORY;
static_assert(ASC_REQ_ALLOCATE_MEMORY == kAllocateMemory && ISC_RET_ALLOCATED_MEMORY == kAllocateMemory &&
              ASC_RET_ALLOCATED_MEMORY == kAllocateMemory);

bool equal(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

// Which call it is that a reply answers. On a later leg the context itself and the peer's token say it; on a first leg
// all that was asked of the credential.
std::vector<std::byte> question_of(bool is_first, std::span<const std::byte> table, std::span<const std::byte> token) {
  std::vector<std::byte> question;
  if (is_first) question.assign(table.begin(), table.end());
  question.insert(question.end(), token.begin(), token.end());
  return question;
}

}  // namespace

Leg::Leg(const LegKind& kind, const LegArguments& arguments)
    : kind_(kind),
      arguments_(arguments),
      input_(arguments.input),
      output_(arguments.output),
      token_out_(output_.first(SECBUFFER_TOKEN)),
      allocate_((arguments.requirements & kAllocateMemory) != 0) {}

std::optional<SECURITY_STATUS> Leg::find() {
  if (arguments_.new_context == nullptr) return failed(SEC_E_INVALID_HANDLE, "phNewContext is NULL");
  if (is_first()) SecInvalidateHandle(arguments_.new_context);
  if (target_refusal_.status != SEC_E_OK) return failed(target_refusal_.status, target_refusal_.why);
  if (!input_.valid() || !output_.valid()) return failed(SEC_E_INVALID_TOKEN, "a SecBufferDesc is malformed");
  if (!is_first()) return find_context_of(arguments_.context);
  credential_ = find_credential(arguments_.credential);
  if (!credential_) return unknown_handle();
  session_ = credential_->session;
  return std::nullopt;
}

std::optional<SECURITY_STATUS> Leg::begin(const std::shared_ptr<Session>&) {
  if (!is_first() && arguments_.credential != nullptr) {
    credential_ = find_credential(arguments_.credential);
    if (!credential_ || credential_->session != context_->session) return unknown_handle();
  }
  if (const SECURITY_STATUS status = read_input(); status != SEC_E_OK) return status;
  table_ = kind_.encode(builder_, {.credential = credential_ ? &credential_->id : nullptr,
                                   .context = is_first() ? nullptr : &context_->id,
                                   .target = target_ ? &*target_ : nullptr,
                                   .requirements = arguments_.requirements & ~kAllocateMemory,
                                   .bindings = bindings_ ? &*bindings_ : nullptr});
  if (const std::unique_ptr<PendingLeg> pending = take_pending()) {
    LegReply reply = pending->reply;
    reply.token = pending->token;
    return deliver(reply, std::move(pending->context));
  }
  payload_ = {const_cast<std::byte*>(token_in_.data()), token_in_.size()};
  return ask({.opcode = kind_.opcode, .table = table_, .payload = std::span(&payload_, 1)});
}

SECURITY_STATUS Leg::finish(Answer& answer) {
  LegReply reply;
  if (const SECURITY_STATUS status = kind_.read(answer, reply); status != SEC_E_OK) return status;
  reply.token = answer.reply.payload;
  Unclaimed context;
  if (is_first() && reply.has_context)
    context = {credential_->session, proto::Opcode::DeleteSecurityContext, reply.context};
  if (!SEC_SUCCESS(reply.status)) {
    place_token(reply, token_memory(reply));
    place_bindings_result(reply);
    return reply.status;
  }
  if (is_first() && !reply.has_context) return failed(SEC_E_INTERNAL_ERROR, "sspid's reply names no context");
  return deliver(reply, std::move(context));
}

SECURITY_STATUS Leg::read_input() {
  if (const SecBuffer* token = input_.first(SECBUFFER_TOKEN)) {
    const auto bytes = contents(*token);
    if (!bytes || bytes->size() > proto::kMaxToken)
      return failed(SEC_E_INVALID_TOKEN, "the input TOKEN has no pointer or is too long");
    token_in_ = *bytes;
  } else if (!is_first() || kind_.first_leg_needs_token) {
    return failed(SEC_E_INVALID_TOKEN, "the input has no TOKEN buffer");
  }
  if (!is_first() && token_in_.empty())
    return failed(SEC_E_INVALID_TOKEN, "the peer's token is empty");  // E-047, E-048

  if (const SecBuffer* buffer = input_.first(SECBUFFER_CHANNEL_BINDINGS)) {
    const auto bytes = contents(*buffer);
    if (bytes) bindings_ = parse_channel_bindings(*bytes);
    if (!bindings_) return failed(SEC_E_INVALID_PARAMETER, "the channel bindings do not lie inside their buffer");
  }
  return SEC_E_OK;
}

// The reply that this question is waiting for. Another question discards what was kept, and with it a context that was
// never delivered.
std::unique_ptr<PendingLeg> Leg::take_pending() {
  std::unique_ptr<PendingLeg> pending;
  if (is_first()) {
    const std::lock_guard lock(credential_->lock);
    pending = std::move(credential_->pending);
  } else {
    pending = std::move(context_->pending);  // the context is in use by this call
  }
  if (pending && !equal(pending->question, question_of(is_first(), table_, token_in_))) pending.reset();
  return pending;
}

SECURITY_STATUS Leg::deliver(const LegReply& reply, Unclaimed context) {
  if (!token_fits(reply)) return keep(reply, std::move(context));
  if (is_first()) return deliver_first(reply, std::move(context));
  place_token(reply, token_memory(reply));
  write_handle(context_->id, *arguments_.new_context);
  place_results(reply);
  return reply.status;
}

SECURITY_STATUS Leg::deliver_first(const LegReply& reply, Unclaimed context) {
  // What can fail comes first: after it the context is the caller's.
  const auto object = std::make_shared<Context>(context.session(), context.id());
  ContextBuffer memory = token_memory(reply);
  publish(object, *arguments_.new_context);
  place_token(reply, std::move(memory));
  context.claimed();
  place_results(reply);
  return reply.status;
}

bool Leg::token_fits(const LegReply& reply) const {
  if (reply.token.empty()) return true;
  return token_out_ != nullptr && (allocate_ || capacity(token_out_) >= reply.token.size());
}

SECURITY_STATUS Leg::keep(const LegReply& reply, Unclaimed context) {
  auto pending = std::make_unique<PendingLeg>();
  pending->question = question_of(is_first(), table_, token_in_);
  pending->reply = reply;
  pending->token.assign(reply.token.begin(), reply.token.end());
  pending->context = std::move(context);
  if (is_first()) {
    const std::lock_guard lock(credential_->lock);
    pending.swap(credential_->pending);
  } else {
    pending.swap(context_->pending);  // the context is in use by this call
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
  place_bindings_result(reply);
}

// Beside a failure, too: it says why bindings were refused.
void Leg::place_bindings_result(const LegReply& reply) const {
  SecBuffer* result = output_.first(SECBUFFER_CHANNEL_BINDINGS_RESULT);
  const SEC_CHANNEL_BINDINGS_RESULT flags{.flags = reply.bindings_result};
  if (capacity(result) < sizeof flags) return;
  std::memcpy(result->pvBuffer, &flags, sizeof flags);
  result->cbBuffer = sizeof flags;
}

// A failed call leaves nothing behind that could be taken for a token or a result.
void Leg::clear_outputs() {
  if (kept_) return;
  if (arguments_.attributes != nullptr) *arguments_.attributes = 0;
  write_time(0, arguments_.expiry);
  if (token_placed_ || token_out_ == nullptr) return;
  token_out_->cbBuffer = 0;
  if (allocate_) token_out_->pvBuffer = nullptr;
}

}  // namespace sspi
