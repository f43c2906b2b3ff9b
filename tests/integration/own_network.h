// A network and a view of some files that only this test process, and what it starts, has: a name server on 127.0.0.1
// that knows what a test tells it, sssd's directories with nothing of this machine in them.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "proto/descriptor.h"
#include "support/scratch.h"

namespace sspid::test {

/// Needs root, or a kernel that lets users have namespaces. Before any thread, once; for good.
class OwnNetwork {
 public:
  OwnNetwork();

  /// Where sssd's module for Kerberos looks for KDCs, and which krb5.conf may include.
  [[nodiscard]] static std::string sssd_file(const std::string& name) { return "/var/lib/sss/pubconf/" + name; }

 private:
  void replace(const std::string& file, const std::string& text);

  Directory directory_;
};

/// Answers on 127.0.0.1:53. Names end with a dot and are compared without regard to case.
class NameServer {
 public:
  NameServer();
  ~NameServer();
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  /// An SRV record, and an A record of its target: 127.0.0.1.
  void add_service(const std::string& name, std::uint16_t port);

  /// Everything it was asked for so far.
  [[nodiscard]] std::vector<std::string> questions() const;

 private:
  void serve();
  std::string answer(std::string question);

  mutable std::mutex mutex_;
  std::map<std::string, std::uint16_t> services_;
  std::vector<std::string> questions_;
  proto::Descriptor socket_;
  std::jthread thread_;
};

}  // namespace sspid::test
