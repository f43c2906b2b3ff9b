#include <memory>
#include <vector>

#include <gssapi/gssapi_krb5.h>
#include <unistd.h>

#include "contexts.h"
#include "measurements.h"
#include "tests/support/daemon.h"

namespace sspid::bench {

namespace {

constexpr std::size_t kContexts = 2000;

/// Growth of a process's own memory per pair, the first pairs not counted: they warm caches up.
template <class Make>
double growth_per_context(int process, Make make) {
  std::vector<decltype(make())> kept;
  kept.reserve(2 * kContexts);
  for (std::size_t i = 0; i < kContexts; ++i) kept.push_back(make());
  const double before = static_cast<double>(test::private_memory(process));
  for (std::size_t i = 0; i < kContexts; ++i) kept.push_back(make());
  return (static_cast<double>(test::private_memory(process)) - before) / (2.0 * kContexts);
}

}  // namespace

void measure_memory(Report& report, int worker) {
  const GssCredentials in_program(const_cast<gss_OID>(gss_mech_krb5));
  report.add("memory/context", "B", "libgssapi", growth_per_context(::getpid(), [&] {
               return std::make_unique<GssPair>(in_program.initiator, in_program.acceptor, in_program.mechanism,
                                                "host@localhost");
             }));
  SspiCredentials credentials("Kerberos");
  const double daemon =
      growth_per_context(worker, [&] { return std::make_unique<SspiPair>(credentials, "host/localhost"); });
  const double program =
      growth_per_context(::getpid(), [&] { return std::make_unique<SspiPair>(credentials, "host/localhost"); });
  report.add("memory/context", "B", "sspid", daemon + program);
}

}  // namespace sspid::bench
