#include "password_service.h"

#include <array>
#include <cerrno>
#include <system_error>

#include <arpa/inet.h>
#include <krb5/krb5.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

namespace sspid::test {

namespace {

constexpr std::uint16_t kSoftError = KRB5_KPASSWD_SOFTERROR;

krb5_data data_of(Bytes& bytes) {
  return {KV5M_DATA, static_cast<unsigned>(bytes.size()), reinterpret_cast<char*>(bytes.data())};
}

Bytes taken(krb5_context context, krb5_data& data) {
  Bytes bytes(data.data, data.data + data.length);
  krb5_free_data_contents(context, &data);
  return bytes;
}

krb5_address address_of(const in_addr& address) {
  return {KV5M_ADDRESS, ADDRTYPE_INET, sizeof address, reinterpret_cast<krb5_octet*>(const_cast<in_addr*>(&address))};
}

/// One request and its answer.
class Exchange {
 public:
  explicit Exchange(const std::string& keytab) {
    if (krb5_init_context(&context_) != 0 || krb5_kt_resolve(context_, ("FILE:" + keytab).c_str(), &keytab_) != 0 ||
        krb5_auth_con_init(context_, &connection_) != 0)
      throw std::runtime_error("the password service cannot start");
    krb5_auth_con_setflags(context_, connection_, KRB5_AUTH_CONTEXT_DO_SEQUENCE);
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() {
    krb5_auth_con_free(context_, connection_);
    krb5_kt_close(context_, keytab_);
    krb5_free_context(context_);
  }

  /// Empty where the request is not one.
  Bytes answer(const Bytes& request, const in_addr& client, const Bytes& rules) {
    constexpr std::size_t kHeader = 6;
    const auto number = [&](std::size_t at) { return std::size_t{request[at]} << 8 | request[at + 1]; };
    if (request.size() < kHeader || number(0) != request.size() || kHeader + number(4) > request.size()) return {};
    const auto ticket_end = request.begin() + static_cast<std::ptrdiff_t>(kHeader + number(4));
    Bytes ticket(request.begin() + kHeader, ticket_end), sealed(ticket_end, request.end());

    krb5_data in = data_of(ticket), out{};
    if (krb5_rd_req(context_, &connection_, &in, nullptr, keytab_, nullptr, nullptr) != 0) return {};
    if (krb5_mk_rep(context_, connection_, &out) != 0) return {};
    const Bytes proof = taken(context_, out);
    krb5_address there = address_of(client);
    krb5_auth_con_setaddrs(context_, connection_, nullptr, &there);
    in = data_of(sealed);
    if (krb5_rd_priv(context_, connection_, &in, &out, nullptr) != 0) return {};
    krb5_free_data_contents(context_, &out);  // the new password, which pleases nobody

    krb5_auth_con_setaddrs(context_, connection_, &there, nullptr);  // both ends are on this host
    Bytes plain = ByteBuilder().be(kSoftError).add(rules).take();
    in = data_of(plain);
    if (krb5_mk_priv(context_, connection_, &in, &out, nullptr) != 0) return {};
    const Bytes reply = taken(context_, out);
    return ByteBuilder()
        .be(static_cast<std::uint16_t>(kHeader + proof.size() + reply.size()))
        .be(std::uint16_t{1})
        .be(static_cast<std::uint16_t>(proof.size()))
        .add(proof)
        .add(reply)
        .take();
  }

 private:
  krb5_context context_ = nullptr;
  krb5_keytab keytab_ = nullptr;
  krb5_auth_context connection_ = nullptr;
};

}  // namespace

PasswordService::PasswordService(std::string keytab, Bytes rules)
    : keytab_(std::move(keytab)),
      rules_(std::move(rules)),
      socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!socket_ || !stop_ || ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&here), sizeof here) != 0)
    throw std::system_error(errno, std::generic_category(), "a password service");
  thread_ = std::thread([this] { serve(); });
}

PasswordService::~PasswordService() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

std::string PasswordService::address() const {
  sockaddr_in here{};
  socklen_t length = sizeof here;
  ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&here), &length);
  return "127.0.0.1:" + std::to_string(ntohs(here.sin_port));
}

void PasswordService::serve() {
  std::array<pollfd, 2> watched{pollfd{socket_.get(), POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
  for (;;) {
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
    if (watched[1].revents != 0) return;
    Bytes request(65536);
    sockaddr_in client{};
    socklen_t length = sizeof client;
    const ssize_t got = ::recvfrom(socket_.get(), request.data(), request.size(), MSG_DONTWAIT,
                                   reinterpret_cast<sockaddr*>(&client), &length);
    if (got < 0) continue;
    request.resize(static_cast<std::size_t>(got));
    const Bytes answer = Exchange(keytab_).answer(request, client.sin_addr, rules_);
    if (answer.empty()) continue;
    ++refused_;
    ::sendto(socket_.get(), answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&client), length);
  }
}

}  // namespace sspid::test
