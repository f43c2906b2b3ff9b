// A server of Cyrus SASL (libsasl2), as mail and directory servers have one, that knows users by their passwords.
#pragma once

#include <memory>
#include <string>

#include "support/bytes.h"
#include "support/handshake.h"
#include "support/scratch.h"

struct sasl_callback;
struct sasl_conn;

namespace sspid::test {

/// The users' database. One in a process, since libsasl2 has one.
class CyrusUsers {
 public:
  CyrusUsers();
  ~CyrusUsers();
  CyrusUsers(const CyrusUsers&) = delete;
  CyrusUsers& operator=(const CyrusUsers&) = delete;

  void add(const std::string& user, const std::string& password);

 private:
  Directory directory_;
  std::string database_;
  std::unique_ptr<sasl_callback[]> callbacks_;  // libsasl2 keeps their address
};

/// Of the users of the process' CyrusUsers.
class CyrusServer {
 public:
  explicit CyrusServer(std::string mechanism);
  ~CyrusServer();
  CyrusServer(const CyrusServer&) = delete;
  CyrusServer& operator=(const CyrusServer&) = delete;

  Leg step(const Bytes& token);

  /// Who has logged on.
  [[nodiscard]] std::string user() const;

 private:
  const std::string mechanism_;
  sasl_conn* connection_ = nullptr;
  bool started_ = false;
};

}  // namespace sspid::test
