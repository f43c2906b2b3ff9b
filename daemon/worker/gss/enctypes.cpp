#include "daemon/worker/gss/enctypes.h"

namespace sspid::worker::gss {

namespace {

constexpr Enctype kEnctypes[] = {
    {16, "DES3-CBC-SHA1", "HMAC-SHA1-DES3-KD", 168, 12, 8},
    {17, "AES128-CTS-HMAC-SHA1-96", "HMAC-SHA1-96-AES128", 128, 15, 1},
    {18, "AES256-CTS-HMAC-SHA1-96", "HMAC-SHA1-96-AES256", 256, 16, 1},
    {19, "AES128-CTS-HMAC-SHA256-128", "HMAC-SHA256-128-AES128", 128, 19, 1},
    {20, "AES256-CTS-HMAC-SHA384-192", "HMAC-SHA384-192-AES256", 256, 20, 1},
    {23, "RC4-HMAC", "HMAC-MD5", 128, -138, 1},
    {25, "CAMELLIA128-CTS-CMAC", "CMAC-CAMELLIA128", 128, 17, 1},
    {26, "CAMELLIA256-CTS-CMAC", "CMAC-CAMELLIA256", 256, 18, 1},
};

}  // namespace

const Enctype* find_enctype(std::int32_t number) {
  for (const Enctype& enctype : kEnctypes)
    if (enctype.number == number) return &enctype;
  return nullptr;
}

}  // namespace sspid::worker::gss
