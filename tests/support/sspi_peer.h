// Ends of a context made of libsspi's own functions, with everything released by its owner. For what ought to work; a
// test of what ought to fail calls the function itself and looks at its status.
#pragma once

#include <string>

#include <gtest/gtest.h>
#include <sspi.h>

#include "bytes.h"
#include "handshake.h"

namespace sspid::test {

/// "SEC_E_INVALID_TOKEN (0x80090308)"
[[nodiscard]] std::string status_name(SECURITY_STATUS status);

/// For EXPECT_STATUS: says both names and the library's own words about the failure.
::testing::AssertionResult same_status(const char* call, const char* wanted_text, SECURITY_STATUS got,
                                       SECURITY_STATUS wanted);

#define EXPECT_STATUS(call, wanted) EXPECT_PRED_FORMAT2(::sspid::test::same_status, call, wanted)
#define ASSERT_STATUS(call, wanted) ASSERT_PRED_FORMAT2(::sspid::test::same_status, call, wanted)

/// Throws with `what`, the status and the library's words when a call failed.
void must(const char* what, SECURITY_STATUS status);

[[nodiscard]] bool is_invalidated(const SecHandle& handle);  ///< {-1,-1}, as after a call that failed

/// A user with a password in the forms that AcquireCredentialsHandle takes. The strings live here and are not
/// terminated by more than the length says.
class Identity {
 public:
  Identity(std::string user, std::string domain, std::string password, std::string packages = {});

  SEC_WINNT_AUTH_IDENTITY_A* ansi();
  SEC_WINNT_AUTH_IDENTITY_W* unicode();
  SEC_WINNT_AUTH_IDENTITY_EXA* ansi_ex();
  SEC_WINNT_AUTH_IDENTITY_EXW* unicode_ex();

 private:
  std::string user_, domain_, password_, packages_;
  std::u16string wide_user_, wide_domain_, wide_password_, wide_packages_;
  SEC_WINNT_AUTH_IDENTITY_A ansi_{};
  SEC_WINNT_AUTH_IDENTITY_W unicode_{};
  SEC_WINNT_AUTH_IDENTITY_EXA ansi_ex_{};
  SEC_WINNT_AUTH_IDENTITY_EXW unicode_ex_{};
};

class Credential {
 public:
  Credential(const std::string& package, ULONG use, void* identity = nullptr, const char* principal = nullptr);
  explicit Credential(const CredHandle& acquired) : handle_(acquired) {}  ///< takes it over
  Credential(Credential&& other) noexcept;
  Credential& operator=(Credential&&) = delete;
  Credential(const Credential&) = delete;
  Credential& operator=(const Credential&) = delete;
  ~Credential();

  [[nodiscard]] CredHandle* get() { return &handle_; }
  [[nodiscard]] const TimeStamp& expiry() const { return expiry_; }
  [[nodiscard]] std::string name();
  void free();

 private:
  CredHandle handle_{};
  TimeStamp expiry_{};
};

/// SEC_CHANNEL_BINDINGS with this application data ("tls-unique:…") in one block.
[[nodiscard]] Bytes channel_bindings(std::string_view application_data);

/// A message as EncryptMessage leaves it.
struct Sealed {
  Bytes token;
  Bytes data;
  Bytes padding;
  [[nodiscard]] Bytes stream() const { return joined({token, data, padding}); }
};

/// What both ends have in common. Move-only; deletes its context.
class SspiContext {
 public:
  SspiContext(const SspiContext&) = delete;
  SspiContext& operator=(const SspiContext&) = delete;
  SspiContext(SspiContext&& other) noexcept;
  SspiContext& operator=(SspiContext&&) = delete;
  ~SspiContext();

  [[nodiscard]] CtxtHandle* get() { return &handle_; }
  [[nodiscard]] ULONG attributes() const { return attributes_; }
  [[nodiscard]] const TimeStamp& expiry() const { return expiry_; }
  [[nodiscard]] SECURITY_STATUS status() const { return status_; }  ///< of the last leg
  void remove();                                                    ///< DeleteSecurityContext

  /// An attribute's structure, whose pointers the caller frees. Throws when there is none.
  template <class Structure>
  [[nodiscard]] Structure attribute(ULONG number) {
    Structure value{};
    must("QueryContextAttributes", QueryContextAttributesW(&handle_, number, &value));
    return value;
  }
  [[nodiscard]] SecPkgContext_Sizes sizes() { return attribute<SecPkgContext_Sizes>(SECPKG_ATTR_SIZES); }
  [[nodiscard]] std::string package();
  [[nodiscard]] std::string user_name();    ///< NAMES: on either side the client's
  [[nodiscard]] std::string client_name();  ///< NATIVE_NAMES
  [[nodiscard]] std::string server_name();

  /// What ExportSecurityContext makes of it. With DELETE_OLD nothing is left here.
  [[nodiscard]] Bytes packed(ULONG flags = 0);

  [[nodiscard]] Sealed seal(const Bytes& plain, ULONG qop = 0);
  /// Plaintext takes the place of `message.data` when this is SEC_E_OK.
  [[nodiscard]] SECURITY_STATUS open(Sealed& message, ULONG* qop = nullptr);
  /// A whole token of gss_wrap or Sealed::stream().
  [[nodiscard]] SECURITY_STATUS open_stream(Bytes token, Bytes& plain, ULONG* qop = nullptr);
  [[nodiscard]] Bytes sign(Bytes message);
  [[nodiscard]] SECURITY_STATUS verify(Bytes message, Bytes signature);

 protected:
  SspiContext();
  Leg finish(SECURITY_STATUS status, SecBuffer& token);

  CtxtHandle handle_{};
  bool exists_ = false;
  SECURITY_STATUS status_ = SEC_E_OK;
  ULONG attributes_ = 0;
  TimeStamp expiry_{};
};

/// The credential must outlive it.
class SspiInitiator : public SspiContext {
 public:
  struct Options {
    std::string target;
    ULONG requirements = ISC_REQ_MUTUAL_AUTH | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT |
                         ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY;
    Bytes bindings;  ///< channel_bindings(), or none
  };
  SspiInitiator(Credential& credential, Options options);
  SspiInitiator(Credential& credential, std::string target);

  Leg step(Bytes token);

 private:
  Credential& credential_;
  Options options_;
};

class SspiAcceptor : public SspiContext {
 public:
  struct Options {
    ULONG requirements = 0;
    Bytes bindings;
  };
  explicit SspiAcceptor(Credential& credential) : SspiAcceptor(credential, {}) {}
  SspiAcceptor(Credential& credential, Options options);

  Leg step(Bytes token);

 private:
  Credential& credential_;
  Options options_;
};

/// What ImportSecurityContext makes of packed bytes.
class SspiImported : public SspiContext {
 public:
  SspiImported(const std::string& package, Bytes packed);
};

}  // namespace sspid::test
