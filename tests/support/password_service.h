// A password service (RFC 3244) that answers as a domain controller of Active Directory does: it refuses each new
// password, and puts the domain's rules where other services put a text. The KDC that made the tickets is a real one.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "bytes.h"
#include "proto/descriptor.h"

namespace sspid::test {

class PasswordService {
 public:
  /// `keytab` holds the keys of kadmin/changepw. `rules` go into each answer as they are.
  PasswordService(std::string keytab, Bytes rules);
  PasswordService(const PasswordService&) = delete;
  PasswordService& operator=(const PasswordService&) = delete;
  ~PasswordService();

  [[nodiscard]] std::string address() const;  ///< "127.0.0.1:port", UDP
  /// How many requests it could read and refused. What it cannot read it does not answer.
  [[nodiscard]] int refused() const { return refused_; }

 private:
  void serve();

  const std::string keytab_;
  const Bytes rules_;
  proto::Descriptor socket_;
  proto::Descriptor stop_;
  std::atomic<int> refused_{0};
  std::thread thread_;
};

}  // namespace sspid::test
