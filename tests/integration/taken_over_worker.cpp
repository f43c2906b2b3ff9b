#include "taken_over_worker.h"

#include <fstream>

#include "support/sspi_peer.h"

namespace sspid::test {

namespace {

std::string write(const std::string& path, const std::string& text) {
  std::ofstream{path} << text;
  return path;
}

std::vector<std::string> configured(const Directory& directory, std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--config", write(directory.file("sspid.json"), '{' + kTakenOverPackages + '}')});
  return arguments;
}

}  // namespace

Environment with_taken_over(const Directory& directory, const Environment& environment) {
  const std::string mechanism = "taken_over 1.3.6.1.4.1.32473.1 " TAKEN_OVER_LIBRARY "\n";
  return with(environment, {{"GSS_MECH_CONFIG", write(directory.file("mech"), mechanism)}});
}

std::string target_for(const std::string& command) {
  std::string digits;
  for (const char c : command)
    for (const int half : {c >> 4, c & 15}) digits += "0123456789abcdef"[half];
  return digits;
}

TakenOverWorker::TakenOverWorker(const Realm& realm, const Environment& more, const std::vector<std::string>& arguments)
    : daemon_(with(with_taken_over(directory_, realm.environment()), more), configured(directory_, arguments)) {
  daemon_.expect_refusals();
}

std::string TakenOverWorker::does(const std::string& command) {
  Credential outbound("TakenOver", SECPKG_CRED_OUTBOUND);
  SspiInitiator context(outbound, target_for(command));
  const Leg leg = context.step({});
  return leg.state == Leg::State::more ? text_of(leg.token) : leg.status;
}

std::size_t TakenOverWorker::refusals() const { return daemon_.refusals(); }

}  // namespace sspid::test
