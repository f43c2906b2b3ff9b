#include <array>
#include <memory>
#include <vector>

#include <gssapi/gssapi_krb5.h>

#include "contexts.h"
#include "measurements.h"

namespace sspid::bench {

namespace {

constexpr std::size_t kSizes[] = {64, 1024, 65536, 1048576};
constexpr std::size_t kTokenRoom = 128;
constexpr char kService[] = "host@localhost", kTarget[] = "host/localhost";

using Bytes = std::vector<unsigned char>;

/// A message of one size on contexts of its own, at both ends. In place, as EncryptMessage and gss_wrap_iov work.
struct Gss {
  GssCredentials credentials{const_cast<gss_OID>(gss_mech_krb5)};
  GssPair pair{credentials.initiator, credentials.acceptor, credentials.mechanism, kService};
  Bytes data, token = Bytes(kTokenRoom), sealed, sealed_token, signature;
  std::array<gss_iov_buffer_desc, 3> iov{};

  explicit Gss(std::size_t size) : data(size, 'x') {
    encrypt();
    sealed = data;
    sealed_token = token;
    sign(pair.client);
  }
  gss_iov_buffer_desc* parts(Bytes& header) {
    iov = {{{GSS_IOV_BUFFER_TYPE_HEADER, {header.size(), header.data()}},
            {GSS_IOV_BUFFER_TYPE_DATA, {data.size(), data.data()}},
            {GSS_IOV_BUFFER_TYPE_PADDING, {0, nullptr}}}};
    return iov.data();
  }
  void encrypt() {
    OM_uint32 minor = 0;
    token.resize(kTokenRoom);
    require(!GSS_ERROR(gss_wrap_iov(&minor, pair.client, 1, GSS_C_QOP_DEFAULT, nullptr, parts(token), 3)),
            "gss_wrap_iov");
    token.resize(iov[0].buffer.length);
  }
  void decrypt() {
    OM_uint32 minor = 0;
    data = sealed;
    token = sealed_token;
    require(!GSS_ERROR(gss_unwrap_iov(&minor, pair.server, nullptr, nullptr, parts(token), 3)), "gss_unwrap_iov");
  }
  void sign(gss_ctx_id_t context) {
    OM_uint32 minor = 0;
    gss_buffer_desc message = {data.size(), data.data()}, mic = GSS_C_EMPTY_BUFFER;
    require(!GSS_ERROR(gss_get_mic(&minor, context, GSS_C_QOP_DEFAULT, &message, &mic)), "gss_get_mic");
    const auto* bytes = static_cast<unsigned char*>(mic.value);
    signature.assign(bytes, bytes + mic.length);
    gss_release_buffer(&minor, &mic);
  }
  void sign() { sign(pair.client); }
  void verify() {
    OM_uint32 minor = 0;
    gss_buffer_desc message = {data.size(), data.data()}, mic = {signature.size(), signature.data()};
    require(!GSS_ERROR(gss_verify_mic(&minor, pair.server, &message, &mic, nullptr)), "gss_verify_mic");
  }
};

struct Sspi {
  SspiCredentials credentials{"Kerberos"};
  SspiPair pair{credentials, kTarget};
  Bytes data, token = Bytes(kTokenRoom), sealed, sealed_token, signature = Bytes(kTokenRoom);
  ULONG token_length = 0, signature_length = 0;

  explicit Sspi(std::size_t size) : data(size, 'x') {
    encrypt();
    sealed = data;
    sealed_token.assign(token.begin(), token.begin() + token_length);
    sign();
  }
  ULONG size() const { return static_cast<ULONG>(data.size()); }
  void encrypt() {
    SecBuffer buffers[] = {{kTokenRoom, SECBUFFER_TOKEN, token.data()},
                           {size(), SECBUFFER_DATA, data.data()},
                           {0, SECBUFFER_PADDING, nullptr}};
    SecBufferDesc list{SECBUFFER_VERSION, 3, buffers};
    require(EncryptMessage(&pair.client, 0, &list, 0) == SEC_E_OK, "EncryptMessage");
    token_length = buffers[0].cbBuffer;
  }
  void decrypt() {
    data = sealed;
    token = sealed_token;
    SecBuffer buffers[] = {{static_cast<ULONG>(token.size()), SECBUFFER_TOKEN, token.data()},
                           {size(), SECBUFFER_DATA, data.data()}};
    SecBufferDesc list{SECBUFFER_VERSION, 2, buffers};
    require(DecryptMessage(&pair.server, &list, 0, nullptr) == SEC_E_OK, "DecryptMessage");
  }
  void sign() {
    SecBuffer buffers[] = {{size(), SECBUFFER_DATA, data.data()}, {kTokenRoom, SECBUFFER_TOKEN, signature.data()}};
    SecBufferDesc list{SECBUFFER_VERSION, 2, buffers};
    require(MakeSignature(&pair.client, 0, &list, 0) == SEC_E_OK, "MakeSignature");
    signature_length = buffers[1].cbBuffer;
  }
  void verify() {
    SecBuffer buffers[] = {{size(), SECBUFFER_DATA, data.data()},
                           {signature_length, SECBUFFER_TOKEN, signature.data()}};
    SecBufferDesc list{SECBUFFER_VERSION, 2, buffers};
    require(VerifySignature(&pair.server, &list, 0, nullptr) == SEC_E_OK, "VerifySignature");
  }
};

template <class End, void (End::*kOperation)()>
void run(benchmark::State& state, std::size_t size) {
  End end(size);
  for (auto _ : state) (end.*kOperation)();
  if (state.threads() > 1)
    state.counters["per_second"] =
        benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void add(const std::string& name, int threads, void (*measure)(benchmark::State&, std::size_t), std::size_t size) {
  benchmark::RegisterBenchmark(name.c_str(), measure, size)
      ->Threads(threads)
      ->Repetitions(5)
      ->MinTime(threads > 1 ? 0.2 : 0.1)
      ->UseRealTime()
      ->Unit(benchmark::kMicrosecond);
}

template <void (Gss::*kGss)(), void (Sspi::*kSspi)()>
void add_both(const std::string& name, std::size_t size, int threads = 1) {
  const std::string suffix = threads == 1 ? "" : "/" + std::to_string(threads) + "-threads";
  add(name + suffix + "|libgssapi", threads, run<Gss, kGss>, size);
  add(name + suffix + "|sspid", threads, run<Sspi, kSspi>, size);
}

}  // namespace

void register_messages(const std::string& enctype) {
  for (const std::size_t size : kSizes) {
    const std::string tail = '/' + enctype + '/' + std::to_string(size);
    add_both<&Gss::encrypt, &Sspi::encrypt>("encrypt" + tail, size);
    add_both<&Gss::decrypt, &Sspi::decrypt>("decrypt" + tail, size);
    add_both<&Gss::sign, &Sspi::sign>("sign" + tail, size);
    add_both<&Gss::verify, &Sspi::verify>("verify" + tail, size);
  }
  for (const std::size_t size : {std::size_t{1024}, std::size_t{65536}})
    add_both<&Gss::encrypt, &Sspi::encrypt>("encrypt/" + enctype + '/' + std::to_string(size), size, 4);
}

}  // namespace sspid::bench
