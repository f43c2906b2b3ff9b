#include "client-lib/kdc_proxy_settings.h"

#include <gtest/gtest.h>

#include "exact.h"
#include "tests/support/bytes.h"

namespace sspi {
namespace {

using sspid::test::ByteBuilder;
using sspid::test::Bytes;

struct Fields {
  std::uint32_t version = KDC_PROXY_SETTINGS_V1;
  std::uint32_t flags = 0;
  std::uint16_t offset = sizeof(SecPkgCredentials_KdcProxySettingsW);
  std::uint16_t length = 4;
  std::uint16_t certificate = 0;
};

SECURITY_STATUS parse(const Fields& fields, KdcProxySettings& settings, const Bytes& behind = {'h', 0, 'i', 0}) {
  const Bytes bytes = ByteBuilder()
                          .le(fields.version)
                          .le(fields.flags)
                          .le(fields.offset)
                          .le(fields.length)
                          .le(std::uint16_t{0})
                          .le(fields.certificate)
                          .add(behind)
                          .take();
  return parse_kdc_proxy_settings(test::Exact(bytes.data(), bytes.size()).span(), settings);
}

TEST(KdcProxySettings, are_a_server_and_whether_it_is_forced) {
  KdcProxySettings settings;
  ASSERT_EQ(parse({}, settings), SEC_E_OK);
  EXPECT_EQ(settings.server, "hi");
  EXPECT_FALSE(settings.forced);
  ASSERT_EQ(parse({.flags = KDC_PROXY_SETTINGS_FLAGS_FORCEPROXY}, settings), SEC_E_OK);
  EXPECT_TRUE(settings.forced);
  ASSERT_EQ(parse({.offset = 0xFFFF, .length = 0}, settings), SEC_E_OK);
  EXPECT_TRUE(settings.server.empty());
}

TEST(KdcProxySettings, refuse_what_is_outside_or_no_string) {
  KdcProxySettings settings;
  for (const std::uint16_t offset : std::initializer_list<std::uint16_t>{0, 15, 17, 20, 0xFFFF})
    EXPECT_EQ(parse({.offset = offset}, settings), SEC_E_INVALID_PARAMETER) << offset;
  for (const std::uint16_t length : std::initializer_list<std::uint16_t>{3, 6, 0xFFFE})
    EXPECT_EQ(parse({.length = length}, settings), SEC_E_INVALID_PARAMETER) << length;
  EXPECT_EQ(parse({.version = 2}, settings), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(parse({}, settings, {'h', 0, 0, 0}), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(parse({}, settings, {0x00, 0xD8, 'i', 0}), SEC_E_INVALID_PARAMETER);
  EXPECT_EQ(parse({.certificate = 1}, settings), SEC_E_UNSUPPORTED_FUNCTION);
}

}  // namespace
}  // namespace sspi
