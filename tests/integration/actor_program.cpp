// A program of another user, or of a service: does with libsspi what it is told on its standard input, a socket, line
// by line, and answers there with a status and what came of it.
//   usage: actor_program UID GID
//
//   acquire PACKAGE inbound|outbound|both [PRINCIPAL]     -> STATUS
//   acquire-as PACKAGE USER DOMAIN PASSWORD               -> STATUS
//   acquire-keys PACKAGE KEYTAB                           -> STATUS         inbound, by keys of the program's own
//   initiate TARGET                                       -> STATUS TOKEN   a new context; tokens are hexadecimal
//   accept TOKEN                                          -> STATUS TOKEN   a new context
//   go-on TOKEN                                           -> STATUS TOKEN   the next leg of the initiator
//   impersonate                                           -> STATUS         the acceptor's client, network only
//   revert                                                -> STATUS
//   change-password USER OLD NEW                          -> STATUS         ChangeAccountPassword, Kerberos
//   acquire-for PACKAGE USER                              -> STATUS         SspiAcquireCredentialsForUser
//   hold                                                  -> STATUS         keeps the acceptor beside later ones
//   release                                               -> STATUS         deletes those that were kept
//   sign TEXT                                             -> STATUS
//   sign-on-and-on TEXT                                   never answers
//   session-key                                           -> STATUS
//   client                                                -> STATUS NAME    NATIVE_NAMES
//   packages                                              -> STATUS NAME,NAME
//   name                                                  -> STATUS NAME    of the credential
//   why                                                   -> STATUS TEXT    of the last call that failed
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <grp.h>
#include <sspi.h>
#include <sspi_ext.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/bytes.h"
#include "support/ex2.h"
#include "support/process.h"
#include "support/sspi_peer.h"

namespace {

using namespace sspid::test;

std::string hexadecimal(const Bytes& bytes) {
  std::ostringstream out;
  for (const auto byte : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(byte));
    out << digits;
  }
  return out.str();
}

Bytes from_hexadecimal(const std::string& digits) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes.push_back(static_cast<Bytes::value_type>(std::stoul(digits.substr(i, 2), nullptr, 16)));
  return bytes;
}

class Actor {
 public:
  std::string act(const std::string& line) {
    std::istringstream words(line);
    std::string verb, package, first, second, third;
    words >> verb >> first >> second >> third;
    if (verb == "acquire") return acquire(first, second, third);
    if (verb == "acquire-as") {
      std::string password;
      words >> password;
      Identity identity(second, third, password);
      return acquire(first, "outbound", {}, identity.unicode());
    }
    if (verb == "acquire-keys") {
      Bytes identity = ex2({.packed_credentials = packed_keytab(bytes_of(read_text(second)))});
      return acquire(first, "inbound", {}, identity.data());
    }
    if (verb == "initiate") return initiate(first);
    if (verb == "go-on") return told(initiator_->step(from_hexadecimal(first)));
    if (verb == "accept") return accept(first);
    if (verb == "impersonate") return word(SspiImpersonateNetworkOnly(acceptor_->get()));
    if (verb == "revert") return word(RevertSecurityContext(acceptor_->get()));
    if (verb == "change-password") return change_password(first, second, third);
    if (verb == "acquire-for") return acquire_for(first, second);
    if (verb == "hold") return held_.push_back(std::move(acceptor_)), "SEC_E_OK";
    if (verb == "release") return held_.clear(), "SEC_E_OK";
    if (verb == "sign") return sign(first);
    while (verb == "sign-on-and-on") static_cast<void>(sign(first));
    if (verb == "session-key") return session_key();
    if (verb == "client") return "SEC_E_OK " + context().client_name();
    if (verb == "packages") return packages();
    if (verb == "name") return "SEC_E_OK " + credential_->name();
    if (verb == "why") return std::string("SEC_E_OK ") + SspiGetLastErrorText();
    return "no such verb";
  }

 private:
  static std::string first_word(const std::string& text) { return text.substr(0, text.find(' ')); }
  static std::string word(SECURITY_STATUS status) { return first_word(status_name(status)); }
  static std::string told(const Leg& leg) { return first_word(leg.status) + ' ' + hexadecimal(leg.token); }

  std::string acquire(std::string package, const std::string& direction, std::string principal,
                      void* identity = nullptr) {
    const ULONG use = direction == "inbound"    ? SECPKG_CRED_INBOUND
                      : direction == "outbound" ? SECPKG_CRED_OUTBOUND
                                                : SECPKG_CRED_BOTH;
    initiator_.reset();
    acceptors_credential_ = acceptor_ ? std::move(credential_) : nullptr;
    credential_.reset();
    CredHandle handle{};
    const SECURITY_STATUS status =
        AcquireCredentialsHandleW(principal.empty() ? nullptr : wide(principal).data(), wide(package).data(), use,
                                  nullptr, identity, nullptr, nullptr, &handle, nullptr);
    if (status == SEC_E_OK) credential_ = std::make_unique<Credential>(handle);
    return word(status);
  }

  std::string acquire_for(std::string package, std::string user) {
    initiator_.reset();
    credential_.reset();
    CredHandle handle{};
    const SECURITY_STATUS status =
        SspiAcquireCredentialsForUserA(user.data(), package.data(), nullptr, nullptr, &handle, nullptr);
    if (status == SEC_E_OK) credential_ = std::make_unique<Credential>(handle);
    return word(status);
  }

  static std::string change_password(std::string user, std::string old_one, std::string new_one) {
    char package[] = "Kerberos";
    SecBuffer response{0, SECBUFFER_CHANGE_PASS_RESPONSE, nullptr};
    SecBufferDesc output{SECBUFFER_VERSION, 1, &response};
    return word(ChangeAccountPasswordA(package, nullptr, user.data(), old_one.data(), new_one.data(), 0, 0, &output));
  }

  std::string initiate(const std::string& target) {
    initiator_ = std::make_unique<SspiInitiator>(*credential_, target);
    return told(initiator_->step({}));
  }

  std::string accept(const std::string& token) {
    acceptor_.reset();
    acceptor_ = std::make_unique<SspiAcceptor>(*credential_,
                                               SspiAcceptor::Options{.requirements = ASC_REQ_DELEGATE, .bindings = {}});
    return told(acceptor_->step(from_hexadecimal(token)));
  }

  SspiContext& context() {
    if (initiator_) return *initiator_;
    return *acceptor_;
  }

  std::string sign(const std::string& text) {
    (void)context().sign(Bytes(text.begin(), text.end()));
    return "SEC_E_OK";
  }

  std::string session_key() {
    SecPkgContext_SessionKey key{};
    const SECURITY_STATUS status = QueryContextAttributesW(context().get(), SECPKG_ATTR_SESSION_KEY, &key);
    if (status == SEC_E_OK) FreeContextBuffer(key.SessionKey);
    return word(status);
  }

  static std::string packages() {
    ULONG count = 0;
    SecPkgInfoA* all = nullptr;
    const SECURITY_STATUS status = EnumerateSecurityPackagesA(&count, &all);
    std::string names;
    for (ULONG i = 0; i < count; ++i) names += (i == 0 ? "" : ",") + std::string(all[i].Name);
    if (status == SEC_E_OK) FreeContextBuffer(all);
    return word(status) + ' ' + names;
  }

  std::unique_ptr<Credential> acceptors_credential_;  // outlives what was made from it
  std::unique_ptr<Credential> credential_;
  std::unique_ptr<SspiInitiator> initiator_;
  std::unique_ptr<SspiAcceptor> acceptor_;
  std::vector<std::unique_ptr<SspiAcceptor>> held_;
};

void become(unsigned uid, unsigned gid) {
  if (uid == ::getuid()) return;
  // From inside: the folder of the built programs may be closed to other users.
  if (::setgroups(0, nullptr) != 0 || ::setresgid(gid, gid, gid) != 0 || ::setresuid(uid, uid, uid) != 0) std::exit(2);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  become(static_cast<unsigned>(std::stoul(argv[1])), static_cast<unsigned>(std::stoul(argv[2])));
  Actor actor;
  for (std::string line; std::getline(std::cin, line);) {
    std::string answer;
    try {
      answer = actor.act(line);
    } catch (const std::exception& failure) {
      answer = std::string("failed: ") + failure.what();
    }
    answer += '\n';
    if (::send(STDIN_FILENO, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) return 1;
  }
  return 0;
}
