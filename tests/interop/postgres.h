// PostgreSQL for postgres@localhost, in a directory of its own. Users alice and bob log on by GSS-API: to the database
// "plain" with or without GSS encryption, to "encrypted" only with it. And a client that speaks its protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.h"
#include "support/realm.h"
#include "support/scratch.h"
#include "support/sspi_peer.h"
#include "tcp.h"

namespace sspid::test {

class Postgres {
 public:
  explicit Postgres(const Realm& realm);
  [[nodiscard]] std::uint16_t port() const { return port_.number(); }
  [[nodiscard]] std::string log() const { return read_text(directory_.file("log")); }

 private:
  void make_cluster();
  void as_administrator(const std::string& sql);

  Directory directory_;
  Port port_;
  Environment environment_;
  std::string programs_;
  std::optional<Process> process_;
};

/// One connection. Everything throws with the server's words when it is refused.
class PostgresClient {
 public:
  explicit PostgresClient(std::uint16_t port) : stream_(port) {}

  /// Everything after this is sealed. The context must outlive the client.
  void encrypt(SspiInitiator& context);
  /// Logs on; where the server asks for it, by GSS-API with this context.
  void log_on(const std::string& user, const std::string& database, SspiInitiator* context);

  using Row = std::vector<std::string>;
  [[nodiscard]] std::vector<Row> query(const std::string& sql);
  void end();

 private:
  struct Reply {
    char type = 0;
    Bytes body;
  };
  [[nodiscard]] Reply receive();
  void send(char type, const Bytes& body);
  void write(const Bytes& bytes);
  [[nodiscard]] Bytes read(std::size_t count);
  void authenticate(SspiInitiator* context);

  TcpStream stream_;
  SspiContext* sealing_ = nullptr;
  std::size_t most_ = 0;  ///< plaintext that fits one packet
  Bytes received_;        ///< opened, and not yet read
};

}  // namespace sspid::test
