#include "client-lib/channel_bindings.h"

#include <cstring>

#include "proto/limits.h"
#include "sspi.h"

namespace sspi {

namespace {

// Offsets count from the start of the structure. Nothing has no place, whatever its offset says.
std::optional<std::span<const std::byte>> piece(std::span<const std::byte> buffer, std::size_t offset,
                                                std::size_t length) {
  if (length == 0) return std::span<const std::byte>();
  if (offset > buffer.size() || length > buffer.size() - offset) return std::nullopt;
  return buffer.subspan(offset, length);
}

}  // namespace

std::optional<ChannelBindings> parse_channel_bindings(std::span<const std::byte> buffer) {
  SEC_CHANNEL_BINDINGS header;
  if (buffer.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, buffer.data(), sizeof header);

  const auto initiator = piece(buffer, header.dwInitiatorOffset, header.cbInitiatorLength);
  const auto acceptor = piece(buffer, header.dwAcceptorOffset, header.cbAcceptorLength);
  const auto application = piece(buffer, header.dwApplicationDataOffset, header.cbApplicationDataLength);
  if (!initiator || !acceptor || !application) return std::nullopt;
  if (initiator->size() > proto::kMaxBindings || acceptor->size() > proto::kMaxBindings ||
      application->size() > proto::kMaxBindings ||
      initiator->size() + acceptor->size() + application->size() > proto::kMaxBindings)
    return std::nullopt;
  return ChannelBindings{.initiator_type = header.dwInitiatorAddrType,
                         .initiator = *initiator,
                         .acceptor_type = header.dwAcceptorAddrType,
                         .acceptor = *acceptor,
                         .application = *application};
}

flatbuffers::Offset<proto::ChannelBindings> encode(TableBuilder& builder, const ChannelBindings& bindings) {
  const auto vector = [&](std::span<const std::byte> bytes) {
    return builder.CreateVector(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  };
  const auto initiator = vector(bindings.initiator);
  const auto acceptor = vector(bindings.acceptor);
  const auto application = vector(bindings.application);
  return proto::CreateChannelBindings(builder, bindings.initiator_type, initiator, bindings.acceptor_type, acceptor,
                                      application);
}

}  // namespace sspi
