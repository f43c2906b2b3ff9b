#include "cramped.h"

namespace sspid::test {

namespace {

constexpr ULONG kMark = 0x55AA55AA;

}  // namespace

SECURITY_STATUS Cramped::step(const Bytes& input, Bytes& token) {
  Buffers cramped;
  cramped.room(SECBUFFER_TOKEN, 3);
  SECURITY_STATUS status = call(input, cramped.get());
  if (status != SEC_E_BUFFER_TOO_SMALL) {  // no token, so it fits
    EXPECT_EQ(cramped[0].cbBuffer, 0U) << status_name(status);
    token.clear();
    return status;
  }
  ++refusals_;
  const ULONG needed = cramped[0].cbBuffer;
  EXPECT_GT(needed, 3U);
  EXPECT_EQ(cramped.memory(0), Bytes(3, kUntouched));
  EXPECT_EQ(attributes_, kMark);
  EXPECT_EQ(expiry_.QuadPart, kMark);
  EXPECT_TRUE(exists_ || is_invalidated(*context_.get()));

  Buffers one_short;
  one_short.room(SECBUFFER_TOKEN, needed - 1);
  EXPECT_STATUS(call(input, one_short.get()), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(one_short[0].cbBuffer, needed);

  Buffers enough;
  enough.room(SECBUFFER_TOKEN, needed);
  status = call(input, enough.get());
  EXPECT_EQ(enough[0].cbBuffer, needed);
  token = enough.bytes(0);
  exists_ = exists_ || status >= 0;
  return status;
}

SECURITY_STATUS Cramped::call(const Bytes& bytes, SecBufferDesc* output) {
  Buffers input;
  if (!bytes.empty()) input.add(SECBUFFER_TOKEN, bytes);
  attributes_ = kMark;
  expiry_.QuadPart = kMark;
  if (initiates_)
    return initialize({.credential = credential_.get(),
                       .context = exists_ ? context_.get() : nullptr,
                       .target = target_,
                       .requirements = requirements_,
                       .input = bytes.empty() ? nullptr : input.get(),
                       .new_context = context_.get(),
                       .output = output,
                       .attributes = &attributes_,
                       .expiry = &expiry_});
  return accept({.credential = credential_.get(),
                 .context = exists_ ? context_.get() : nullptr,
                 .input = input.get(),
                 .new_context = context_.get(),
                 .output = output,
                 .attributes = &attributes_,
                 .expiry = &expiry_});
}

Refusals establish_cramped(Credential& user, Credential& service, ULONG requirements, const char* target) {
  Cramped client(true, user, requirements, target);
  Cramped server(false, service, 0);
  Bytes token;
  SECURITY_STATUS of_client = client.step({}, token);
  SECURITY_STATUS of_server = SEC_I_CONTINUE_NEEDED;
  for (int leg = 0; leg < 4 && of_client >= 0 && of_server >= 0 && !token.empty(); ++leg) {
    of_server = server.step(token, token);
    EXPECT_GE(of_server, 0) << status_name(of_server) << ' ' << SspiGetLastErrorText();
    if (token.empty()) break;
    of_client = client.step(token, token);
    EXPECT_GE(of_client, 0) << status_name(of_client) << ' ' << SspiGetLastErrorText();
  }
  EXPECT_STATUS(of_client, SEC_E_OK);
  EXPECT_STATUS(of_server, SEC_E_OK);
  return {client.refusals(), server.refusals()};
}

}  // namespace sspid::test
