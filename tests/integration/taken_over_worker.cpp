#include "taken_over_worker.h"

#include <fstream>

#include "support/sspi_peer.h"

namespace sspid::test {

namespace {

std::string write(const std::string& path, const std::string& text) {
  std::ofstream{path} << text;
  return path;
}

Environment with_mechanism(const Directory& directory, const Realm& realm, const Environment& more) {
  const std::string mechanisms =
      write(directory.file("mech"), "taken_over 1.3.6.1.4.1.32473.1 " TAKEN_OVER_LIBRARY "\n");
  return with(with(realm.environment(), {{"GSS_MECH_CONFIG", mechanisms}}), more);
}

std::string configuration(const Directory& directory) {
  return write(directory.file("sspid.json"), R"({"packages": {"offer": ["Kerberos", "Negotiate", "TakenOver"],
                                                 "mechanisms": {"TakenOver": {"oid": "1.3.6.1.4.1.32473.1"}}}})");
}

std::string in_hexadecimal(const std::string& text) {
  std::string digits;
  for (const char c : text)
    for (const int half : {c >> 4, c & 15}) digits += "0123456789abcdef"[half];
  return digits;
}

}  // namespace

TakenOverWorker::TakenOverWorker(const Realm& realm, const Environment& more)
    : daemon_(with_mechanism(directory_, realm, more), {"--config", configuration(directory_)}) {
  daemon_.expect_refusals();
}

std::string TakenOverWorker::does(const std::string& command) {
  Credential outbound("TakenOver", SECPKG_CRED_OUTBOUND);
  SspiInitiator context(outbound, in_hexadecimal(command));
  const Leg leg = context.step({});
  return leg.state == Leg::State::more ? text_of(leg.token) : leg.status;
}

std::size_t TakenOverWorker::refusals() const { return daemon_.refusals(); }

}  // namespace sspid::test
