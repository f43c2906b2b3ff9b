#include "daemon/worker/sealer.h"

#include "daemon/worker/gss/duplicate.h"
#include "daemon/worker/seal/cfx.h"

namespace sspid::worker {

namespace {

class GssSealer : public Sealer {
 public:
  explicit GssSealer(gss_ctx_id_t context) : context_(context) {}

  gss::MessageStatus sign(std::span<const std::byte> message, gss::Sealed& token) override {
    return gss::sign(context_, message, token);
  }
  gss::MessageStatus verify(std::span<const std::byte> message, std::span<const std::byte> token) override {
    return gss::verify(context_, message, token);
  }
  gss::MessageStatus sealed_lengths(bool encrypt, std::span<const gss::Part> parts, std::size_t& token,
                                    std::size_t& padding) override {
    return gss::sealed_lengths(context_, encrypt, parts, token, padding);
  }
  gss::MessageStatus seal(bool encrypt, std::span<const gss::Part> parts, gss::Sealed& sealed) override {
    return gss::seal(context_, encrypt, parts, sealed);
  }
  gss::MessageStatus open_split(std::span<std::byte> token, std::span<const gss::Part> parts,
                                std::span<std::byte> padding, bool& encrypted) override {
    return gss::open_split(context_, token, parts, padding, encrypted);
  }
  gss::MessageStatus open_stream(std::span<std::byte> token, std::span<std::byte>& plaintext,
                                 bool& encrypted) override {
    return gss::open_stream(context_, token, plaintext, encrypted);
  }
  gss::MessageStatus copy(gss::Context& own, gss::Context& copied, std::unique_ptr<Sealer>& sealer) override {
    const gss::MessageStatus status = gss::duplicate(own, copied);
    context_ = own.get();
    if (!GSS_ERROR(status.major)) sealer = std::make_unique<GssSealer>(copied.get());
    return status;
  }

 private:
  gss_ctx_id_t context_;  // the Context's, which outlives its sealer
};

class CfxSealer : public Sealer {
 public:
  explicit CfxSealer(std::unique_ptr<seal::Cfx> engine) : engine_(std::move(engine)) {}

  gss::MessageStatus sign(std::span<const std::byte> message, gss::Sealed& token) override {
    return engine_->sign(message, token);
  }
  gss::MessageStatus verify(std::span<const std::byte> message, std::span<const std::byte> token) override {
    return engine_->verify(message, token);
  }
  gss::MessageStatus sealed_lengths(bool encrypt, std::span<const gss::Part>, std::size_t& token,
                                    std::size_t& padding) override {
    engine_->sealed_lengths(encrypt, token, padding);
    return {};
  }
  gss::MessageStatus seal(bool encrypt, std::span<const gss::Part> parts, gss::Sealed& sealed) override {
    return engine_->seal(encrypt, parts, sealed);
  }
  gss::MessageStatus open_split(std::span<std::byte> token, std::span<const gss::Part> parts,
                                std::span<std::byte> padding, bool& encrypted) override {
    return engine_->open_split(token, parts, padding, encrypted);
  }
  gss::MessageStatus open_stream(std::span<std::byte> token, std::span<std::byte>& plaintext,
                                 bool& encrypted) override {
    return engine_->open_stream(token, plaintext, encrypted);
  }
  gss::MessageStatus copy(gss::Context&, gss::Context&, std::unique_ptr<Sealer>& sealer) override {
    sealer = std::make_unique<CfxSealer>(engine_->copy());
    return {};
  }

 private:
  std::unique_ptr<seal::Cfx> engine_;
};

}  // namespace

std::unique_ptr<Sealer> make_sealer(gss::Context& context, OM_uint32 gss_flags) {
  if (auto engine = seal::Cfx::take_over(context, gss_flags)) return std::make_unique<CfxSealer>(std::move(engine));
  return std::make_unique<GssSealer>(context.get());
}

}  // namespace sspid::worker
