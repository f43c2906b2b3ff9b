// What InitializeSecurityContext and AcceptSecurityContext have in common: one leg of setting a context up. Which
// buffers count, where the token goes, and what is kept when it does not fit (E-041).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client-lib/call.h"
#include "client-lib/channel_bindings.h"
#include "client-lib/context_buffers.h"
#include "client-lib/sec_buffers.h"

namespace sspi {

/// The arguments as the caller gave them.
struct LegArguments {
  PCredHandle credential;
  PCtxtHandle context;
  PSecBufferDesc input;
  ULONG requirements;
  PCtxtHandle new_context;
  PSecBufferDesc output;
  ULONG* attributes;
  PTimeStamp expiry;
};

/// What the request's table says; absent things are null.
struct LegRequest {
  const proto::Handle* credential = nullptr;
  const proto::Handle* context = nullptr;
  const std::string* target = nullptr;
  ULONG requirements = 0;
  const ChannelBindings* bindings = nullptr;
};

/// What the daemon answered.
struct LegReply {
  SECURITY_STATUS status = SEC_E_OK;
  bool has_context = false;
  proto::Handle context;
  ULONG attributes = 0;
  std::int64_t expiry = 0;
  ULONG bindings_result = 0;
  std::span<const std::byte> token;
};

/// A reply whose token did not fit the caller's buffer, kept for the repetition of the call.
struct PendingLeg {
  std::vector<std::byte> question;  ///< which call this answers
  LegReply reply;
  std::vector<std::byte> token;
  Unclaimed context;  ///< of a first leg
};

/// Where the two calls differ.
struct LegKind {
  proto::Opcode opcode;
  bool first_leg_needs_token;
  std::span<const std::byte> (*encode)(TableBuilder& builder, const LegRequest& request);
  SECURITY_STATUS (*read)(Answer& answer, LegReply& reply);
};

class Leg : public Call {
 public:
  Leg(const LegKind& kind, const LegArguments& arguments);

  std::optional<SECURITY_STATUS> find() override;
  std::optional<SECURITY_STATUS> begin(const std::shared_ptr<Session>& session) override;
  SECURITY_STATUS finish(Answer& answer) override;
  void clear_outputs() override;

 protected:
  /// Of the first leg of InitializeSecurityContext. SEC_E_OK, or the status by which the call must refuse it.
  void set_target(std::string target) { target_ = std::move(target); }
  void refuse_target(SECURITY_STATUS status, const char* why) { target_refusal_ = {status, why}; }

 private:
  struct Refusal {
    SECURITY_STATUS status = SEC_E_OK;
    const char* why = "";
  };

  [[nodiscard]] bool is_first() const { return arguments_.context == nullptr; }
  [[nodiscard]] std::optional<SECURITY_STATUS> find_credential_of_leg();
  [[nodiscard]] SECURITY_STATUS read_input();
  [[nodiscard]] std::unique_ptr<PendingLeg> take_pending();

  [[nodiscard]] bool token_fits(const LegReply& reply) const;
  [[nodiscard]] SECURITY_STATUS deliver(const LegReply& reply, Unclaimed context);
  [[nodiscard]] SECURITY_STATUS deliver_first(const LegReply& reply, Unclaimed context);
  [[nodiscard]] SECURITY_STATUS keep(const LegReply& reply, Unclaimed context);
  [[nodiscard]] ContextBuffer token_memory(const LegReply& reply) const;
  void place_token(const LegReply& reply, ContextBuffer memory);
  void place_results(const LegReply& reply) const;
  void place_bindings_result(const LegReply& reply) const;

  const LegKind& kind_;
  const LegArguments arguments_;
  const SecBuffers input_;
  const SecBuffers output_;
  SecBuffer* const token_out_;
  const bool allocate_;
  std::optional<std::string> target_;
  Refusal target_refusal_;
  std::shared_ptr<Credential> credential_;
  bool kept_ = false;
  bool token_placed_ = false;
  std::span<const std::byte> token_in_;
  std::optional<ChannelBindings> bindings_;
  iovec payload_{};
  TableBuilder builder_;
  std::span<const std::byte> table_;
};

}  // namespace sspi
