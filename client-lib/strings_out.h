// Strings and packages that the library hands out, in the two forms of SSPI.
#pragma once

#include <cstring>
#include <optional>
#include <span>
#include <string_view>

#include "client-lib/context_buffers.h"
#include "client-lib/text.h"

namespace sspi {

/// The A form: UTF-8 and the A structures.
struct Ansi {
  using Char = SEC_CHAR;
  using PkgInfo = SecPkgInfoA;
  using CredentialNames = SecPkgCredentials_NamesA;
  using Names = SecPkgContext_NamesA;
  using KeyInfo = SecPkgContext_KeyInfoA;
  using Authority = SecPkgContext_AuthorityA;
  using ProtoInfo = SecPkgContext_ProtoInfoA;
  using PackageInfo = SecPkgContext_PackageInfoA;
  using NegotiationInfo = SecPkgContext_NegotiationInfoA;
  using NativeNames = SecPkgContext_NativeNamesA;

  static std::optional<std::size_t> length(std::string_view text) {
    return is_utf8(text) ? std::optional(text.size()) : std::nullopt;
  }
  static void encode(std::string_view text, Char* out) {
    if (!text.empty()) std::memcpy(out, text.data(), text.size());
  }
};

/// The W form: UTF-16LE and the W structures.
struct Wide {
  using Char = SEC_WCHAR;
  using PkgInfo = SecPkgInfoW;
  using CredentialNames = SecPkgCredentials_NamesW;
  using Names = SecPkgContext_NamesW;
  using KeyInfo = SecPkgContext_KeyInfoW;
  using Authority = SecPkgContext_AuthorityW;
  using ProtoInfo = SecPkgContext_ProtoInfoW;
  using PackageInfo = SecPkgContext_PackageInfoW;
  using NegotiationInfo = SecPkgContext_NegotiationInfoW;
  using NativeNames = SecPkgContext_NativeNamesW;

  static std::optional<std::size_t> length(std::string_view text) { return utf16_length(text); }
  static void encode(std::string_view text, Char* out) { encode_utf16(text, out); }
};

/// One string in a block of its own. Nothing when it is not UTF-8.
template <class Form>
[[nodiscard]] std::optional<ContextBuffer> string_block(std::string_view text) {
  const auto length = Form::length(text);
  if (!length) return std::nullopt;
  ContextBuffer block((*length + 1) * sizeof(typename Form::Char));
  Form::encode(text, static_cast<typename Form::Char*>(block.get()));
  return block;
}

}  // namespace sspi
