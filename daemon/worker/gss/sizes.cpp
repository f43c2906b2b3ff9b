#include "daemon/worker/gss/sizes.h"

#include <algorithm>

#include <gssapi/gssapi_ext.h>

#include "daemon/worker/gss/enctypes.h"
#include "proto/limits.h"

namespace sspid::worker::gss {

namespace {

/// The DER length in RFC 1964 tokens grows with the message: the largest one needs most. PADDING is never left out of
/// the list, because MIT aborts where it is needed and absent (E-085).
OM_uint32 worst_case(gss_ctx_id_t context, bool encrypt, std::uint32_t& token, std::uint32_t& padding) {
  gss_iov_buffer_desc parts[] = {{GSS_IOV_BUFFER_TYPE_HEADER, {0, nullptr}},
                                 {GSS_IOV_BUFFER_TYPE_DATA, {proto::kMaxMessage, nullptr}},
                                 {GSS_IOV_BUFFER_TYPE_PADDING, {0, nullptr}}};
  OM_uint32 minor = 0;
  int encrypted = 0;
  const OM_uint32 major = gss_wrap_iov_length(&minor, context, encrypt, GSS_C_QOP_DEFAULT, &encrypted, parts, 3);
  token = static_cast<std::uint32_t>(parts[0].buffer.length);
  padding = static_cast<std::uint32_t>(parts[2].buffer.length);
  return major;
}

/// Tokens of RFC 1964, which DES3 and RC4 have. MIT counts a confounder in their signatures, where there is none.
constexpr std::uint32_t uncounted_confounder(std::int32_t enctype) { return enctype == 16 || enctype == 23 ? 8 : 0; }

OM_uint32 signature(gss_ctx_id_t context, std::int32_t enctype, std::uint32_t& length) {
  gss_iov_buffer_desc parts[] = {{GSS_IOV_BUFFER_TYPE_DATA, {0, nullptr}},
                                 {GSS_IOV_BUFFER_TYPE_MIC_TOKEN, {0, nullptr}}};
  OM_uint32 minor = 0;
  const OM_uint32 major = gss_get_mic_iov_length(&minor, context, GSS_C_QOP_DEFAULT, parts, 2);
  length = static_cast<std::uint32_t>(parts[1].buffer.length);
  length -= std::min(length, uncounted_confounder(enctype));
  return major;
}

}  // namespace

OM_uint32 measure_sizes(gss_ctx_id_t context, std::int32_t enctype, Sizes& sizes) {
  std::uint32_t padding = 0;
  OM_uint32 major = signature(context, enctype, sizes.max_signature);
  if (!GSS_ERROR(major)) major = worst_case(context, false, sizes.signed_trailer, padding);
  if (!GSS_ERROR(major)) major = worst_case(context, true, sizes.security_trailer, padding);
  const Enctype* type = find_enctype(enctype);
  sizes.block_size = type ? type->block_size : 1;
  // RC4 pads one byte always, DES3 up to a whole block.
  sizes.max_padding = padding == 0 ? 0 : sizes.block_size;
  return major;
}

}  // namespace sspid::worker::gss
