#include <gssapi/gssapi_krb5.h>

#include "contexts.h"
#include "measurements.h"

namespace sspid::bench {

namespace {

gss_OID spnego() {
  static char bytes[] = "\x2b\x06\x01\x05\x05\x02";
  static gss_OID_desc oid = {6, bytes};
  return &oid;
}

void count(benchmark::State& state) {
  state.counters["per_second"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void in_the_program(benchmark::State& state, gss_OID mechanism) {
  const GssCredentials credentials(mechanism);
  for (auto _ : state) GssPair(credentials.initiator, credentials.acceptor, mechanism, "host@localhost");
  count(state);
}

void through_sspid(benchmark::State& state, const char* package) {
  SspiCredentials credentials(package);
  for (auto _ : state) SspiPair(credentials, "host/localhost");
  count(state);
}

template <class Argument>
void add(const std::string& name, int threads, void (*measure)(benchmark::State&, Argument), Argument argument) {
  benchmark::RegisterBenchmark(name.c_str(), measure, argument)
      ->Threads(threads)
      ->Repetitions(5)
      ->MinTime(0.4)
      ->UseRealTime()
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace

void register_establishment() {
  for (const int threads : {1, 4}) {
    const std::string suffix = threads == 1 ? "" : "/" + std::to_string(threads) + "-threads";
    add("establish/kerberos" + suffix + "|libgssapi", threads, in_the_program, const_cast<gss_OID>(gss_mech_krb5));
    add("establish/kerberos" + suffix + "|sspid", threads, through_sspid, "Kerberos");
    add("establish/negotiate" + suffix + "|libgssapi", threads, in_the_program, spnego());
    add("establish/negotiate" + suffix + "|sspid", threads, through_sspid, "Negotiate");
  }
}

}  // namespace sspid::bench
