#include "client-lib/channel_bindings.h"

#include <cstddef>
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

// The EX form's fields from here on are those of the other form.
constexpr std::size_t kExOnly = offsetof(SEC_CHANNEL_BINDINGS_EX, dwInitiatorAddrType);
static_assert(sizeof(SEC_CHANNEL_BINDINGS_EX) == kExOnly + sizeof(SEC_CHANNEL_BINDINGS));

// No bindings of the older form begin with the magic number: there it would be an address type, and these are small.
bool is_ex(std::span<const std::byte> buffer) {
  std::uint32_t first = 0;
  if (buffer.size() < sizeof first) return false;
  std::memcpy(&first, buffer.data(), sizeof first);
  return first == SEC_CHANNEL_BINDINGS_EX_MAGIC;
}

// The header's fields that both forms have, and the flags. False: it is not one.
bool read_header(std::span<const std::byte> buffer, SEC_CHANNEL_BINDINGS& header, std::uint32_t& flags) {
  if (!is_ex(buffer)) {
    if (buffer.size() < sizeof header) return false;
    std::memcpy(&header, buffer.data(), sizeof header);
    return true;
  }
  SEC_CHANNEL_BINDINGS_EX ex;
  if (buffer.size() < sizeof ex) return false;
  std::memcpy(&ex, buffer.data(), sizeof ex);
  if (ex.cbHeaderLength < sizeof ex || ex.cbStructureLength < ex.cbHeaderLength || ex.cbStructureLength > buffer.size())
    return false;
  std::memcpy(&header, buffer.data() + kExOnly, sizeof header);
  flags = ex.flags;
  return true;
}

}  // namespace

std::optional<ChannelBindings> parse_channel_bindings(std::span<const std::byte> buffer) {
  SEC_CHANNEL_BINDINGS header;
  std::uint32_t flags = 0;
  if (!read_header(buffer, header, flags)) return std::nullopt;

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
                         .application = *application,
                         .flags = flags};
}

std::size_t ex_bindings_length(const ChannelBindings& bindings) {
  return sizeof(SEC_CHANNEL_BINDINGS_EX) + bindings.initiator.size() + bindings.acceptor.size() +
         bindings.application.size();
}

void write_ex_bindings(const ChannelBindings& bindings, std::uint32_t flags, std::byte* out) {
  SEC_CHANNEL_BINDINGS_EX header{};
  std::size_t at = sizeof header;
  const auto put = [&](std::span<const std::byte> bytes, std::uint32_t& offset, std::uint32_t& length) {
    offset = static_cast<std::uint32_t>(at);
    length = static_cast<std::uint32_t>(bytes.size());
    if (!bytes.empty()) std::memcpy(out + at, bytes.data(), bytes.size());
    at += bytes.size();
  };
  header.magicNumber = SEC_CHANNEL_BINDINGS_EX_MAGIC;
  header.flags = flags;
  header.cbHeaderLength = sizeof header;
  header.dwInitiatorAddrType = bindings.initiator_type;
  header.dwAcceptorAddrType = bindings.acceptor_type;
  put(bindings.initiator, header.dwInitiatorOffset, header.cbInitiatorLength);
  put(bindings.acceptor, header.dwAcceptorOffset, header.cbAcceptorLength);
  put(bindings.application, header.dwApplicationDataOffset, header.cbApplicationDataLength);
  header.cbStructureLength = static_cast<std::uint32_t>(at);
  std::memcpy(out, &header, sizeof header);
}

flatbuffers::Offset<proto::ChannelBindings> encode(TableBuilder& builder, const ChannelBindings& bindings) {
  const auto vector = [&](std::span<const std::byte> bytes) {
    return builder.CreateVector(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  };
  const auto initiator = vector(bindings.initiator);
  const auto acceptor = vector(bindings.acceptor);
  const auto application = vector(bindings.application);
  return proto::CreateChannelBindings(builder, bindings.initiator_type, initiator, bindings.acceptor_type, acceptor,
                                      application, (bindings.flags & SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS) != 0);
}

}  // namespace sspi
