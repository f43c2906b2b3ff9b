#include "calls.h"

#include <algorithm>
#include <ctime>

#include <stdlib.h>

namespace sspid::test {

Buffers& Buffers::add(ULONG type, const Bytes& content) {
  room(type, content.size());
  std::copy(content.begin(), content.end(), blocks_.back().bytes.get());
  return *this;
}

Buffers& Buffers::room(ULONG type, std::size_t capacity) {
  blocks_.push_back({std::make_unique<std::uint8_t[]>(capacity), capacity});
  std::fill_n(blocks_.back().bytes.get(), capacity, kUntouched);
  buffers_.push_back({static_cast<ULONG>(capacity), type, blocks_.back().bytes.get()});
  return *this;
}

Buffers& Buffers::pointing(ULONG type, ULONG length, void* memory) {
  blocks_.push_back({});
  buffers_.push_back({length, type, memory});
  return *this;
}

SecBufferDesc* Buffers::get() {
  description_ = {SECBUFFER_VERSION, static_cast<ULONG>(buffers_.size()), buffers_.data()};
  return &description_;
}

Bytes Buffers::bytes(std::size_t i) const {
  const SecBuffer& buffer = buffers_.at(i);
  const auto* at = static_cast<const std::uint8_t*>(buffer.pvBuffer);
  return {at, at + buffer.cbBuffer};
}

Bytes Buffers::memory(std::size_t i) const {
  const Block& block = blocks_.at(i);
  return {block.bytes.get(), block.bytes.get() + block.size};
}

Acquired::Acquired(const AcquireArguments& arguments) {
  std::u16string package = wide(arguments.package);
  std::u16string principal = wide(arguments.principal ? arguments.principal : "");
  status = AcquireCredentialsHandleW(arguments.principal ? principal.data() : nullptr, package.data(), arguments.use,
                                     arguments.logon, arguments.identity, nullptr, nullptr, &handle, &expiry);
}

Acquired::~Acquired() {
  if (status == SEC_E_OK) FreeCredentialsHandle(&handle);
}

SECURITY_STATUS initialize(const InitializeArguments& arguments) {
  std::u16string target = wide(arguments.target ? arguments.target : "");
  return InitializeSecurityContextW(arguments.credential, arguments.context, arguments.target ? target.data() : nullptr,
                                    arguments.requirements, 0, SECURITY_NATIVE_DREP, arguments.input, 0,
                                    arguments.new_context, arguments.output, arguments.attributes, arguments.expiry);
}

SECURITY_STATUS accept(const AcceptArguments& arguments) {
  return AcceptSecurityContext(arguments.credential, arguments.context, arguments.input, arguments.requirements,
                               SECURITY_NATIVE_DREP, arguments.new_context, arguments.output, arguments.attributes,
                               arguments.expiry);
}

void expect_messages_pass(SspiContext& from, SspiContext& to) {
  const Bytes message = bytes_of("what they tell each other");
  Sealed sealed = from.seal(message);
  EXPECT_STATUS(to.open(sealed), SEC_E_OK);
  EXPECT_EQ(sealed.data, message);
  EXPECT_STATUS(to.verify(message, from.sign(message)), SEC_E_OK);
}

Variable::Variable(const char* name, const std::string& value) : name_(name) {
  const char* before = ::getenv(name);
  existed_ = before != nullptr;
  if (existed_) before_ = before;
  ::setenv(name, value.c_str(), 1);
}

Variable::~Variable() {
  if (existed_)
    ::setenv(name_, before_.c_str(), 1);
  else
    ::unsetenv(name_);
}

Tickets::Tickets(Realm& realm, const std::string& user, const std::string& password,
                 const std::vector<std::string>& kinit_options)
    : cache_("KRB5CCNAME", "FILE:" + directory_.file("cc")) {
  realm.kinit(user, password, path(), kinit_options);
}

std::int64_t unix_time(const TimeStamp& stamp) {
  constexpr std::int64_t kEpoch = 116444736000000000;
  constexpr std::int64_t kTicks = 10'000'000;
  const std::int64_t local = (stamp.QuadPart - kEpoch) / kTicks;
  // The offset of that instant; next to a change of it this may be an hour off, which no test comes near.
  const std::time_t near = local;
  std::tm broken_down{};
  ::localtime_r(&near, &broken_down);
  return local - broken_down.tm_gmtoff;
}

}  // namespace sspid::test
