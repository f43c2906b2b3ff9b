// SEC_CHANNEL_BINDINGS and its EX form, which has flags in front: a header with offsets into the caller's buffer,
// checked before anything is read (E-066).
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "client-lib/request.h"

namespace sspi {

/// The pieces, as views of the caller's buffer.
struct ChannelBindings {
  std::uint32_t initiator_type = 0;
  std::span<const std::byte> initiator;
  std::uint32_t acceptor_type = 0;
  std::span<const std::byte> acceptor;
  std::span<const std::byte> application;
  std::uint32_t flags = 0;  ///< SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS; of the EX form
};

/// Either form, told apart by the EX form's magic number. Nothing when the header is short or a piece is not inside the
/// buffer. The buffer need not be aligned.
[[nodiscard]] std::optional<ChannelBindings> parse_channel_bindings(std::span<const std::byte> buffer);

/// The EX form with these pieces.
[[nodiscard]] std::size_t ex_bindings_length(const ChannelBindings& bindings);
void write_ex_bindings(const ChannelBindings& bindings, std::uint32_t flags, std::byte* out);

[[nodiscard]] flatbuffers::Offset<proto::ChannelBindings> encode(TableBuilder& builder,
                                                                 const ChannelBindings& bindings);

}  // namespace sspi
