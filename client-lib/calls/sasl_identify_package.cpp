#include "client-lib/c_boundary.h"
#include "client-lib/sasl.h"

namespace sspi {

namespace {

// Names as servers list them: with spaces (RFC 5802 and others), commas, line ends or NULs between.
constexpr std::string_view kSeparators(" \t\r\n,\0", 6);

template <class Form>
SECURITY_STATUS identify(PSecBufferDesc input, typename Form::PkgInfo** info) {
  if (info == nullptr) return failed(SEC_E_INVALID_PARAMETER, "the place for the result is NULL");
  *info = nullptr;
  const auto bytes = sasl_input(input);
  if (!bytes) return failed(SEC_E_INVALID_TOKEN, "the SecBufferDesc is malformed");
  std::string_view list(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  if (list.size() > proto::kMaxToken || !is_utf8(list))
    return failed(SEC_E_INVALID_PARAMETER, "the list of SASL mechanisms is too long or not well-formed text");

  Answer answer;
  const PackageList* known = nullptr;
  if (const SECURITY_STATUS status = ask_packages(answer, known); status != SEC_E_OK) return status;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(kSeparators), list.size());
    const SaslProfile* profile = find_profile(list.substr(0, end));
    const proto::Package* package = profile == nullptr ? nullptr : find_package(*known, profile->package);
    if (package != nullptr) return hand_out_package<Form>(*package, answer, info);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return failed(SEC_E_SECPKG_NOT_FOUND, "none of these SASL mechanisms is there");
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS SaslIdentifyPackageW(PSecBufferDesc pInput, PSecPkgInfoW* PackageInfo) {
  return sspi::c_boundary([&] { return sspi::identify<sspi::Wide>(pInput, PackageInfo); });
}

SECURITY_STATUS SaslIdentifyPackageA(PSecBufferDesc pInput, PSecPkgInfoA* PackageInfo) {
  return sspi::c_boundary([&] { return sspi::identify<sspi::Ansi>(pInput, PackageInfo); });
}
