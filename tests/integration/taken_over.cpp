// A mechanism of GSS-API that does what its client says: code that has taken a worker over. The daemon loads it as it
// loads any mechanism, by GSS_MECH_CONFIG; a target's name is a command in hexadecimal, the first token is what came of
// it. No context is ever established.
//
// A command is a word and its arguments, with blanks between. The answer is what the system call returned, or the name
// of the error: "EPERM". Calls go to the kernel directly, as an intruder's do who finds no function of the C library.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <netdb.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define EXPORTED extern "C" __attribute__((visibility("default"), used))

namespace {

using Arguments = std::vector<std::string>;

std::string outcome(long result) {
  if (result >= 0) return std::to_string(result);
  const char* name = ::strerrorname_np(errno);
  return name != nullptr ? name : std::to_string(errno);
}

long number(const Arguments& arguments, std::size_t i) { return i < arguments.size() ? std::stol(arguments[i]) : 0; }

class Descriptor {
 public:
  explicit Descriptor(long number) : number_(static_cast<int>(number)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

// ---- Files

// As much as is there, up to a page.
std::string read_file(const Arguments& arguments) {
  const Descriptor file{::syscall(SYS_openat, AT_FDCWD, arguments[0].c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.get() < 0) return outcome(-1);
  std::array<char, 4096> page;
  return outcome(::read(file.get(), page.data(), page.size()));
}

std::string write_file(const Arguments& arguments) {
  const Descriptor file{::syscall(SYS_openat, AT_FDCWD, arguments[0].c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  return outcome(file.get() < 0 ? -1 : ::write(file.get(), "taken over", 10));
}

std::string list_directory(const Arguments& arguments) {
  const Descriptor directory{::syscall(SYS_openat, AT_FDCWD, arguments[0].c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return outcome(std::min(directory.get(), 0));
}

std::string change_mode(const Arguments& arguments) {
  return outcome(::syscall(SYS_fchmodat, AT_FDCWD, arguments[0].c_str(), 0777));
}

// ---- Other processes

std::string read_memory(const Arguments& arguments) {
  std::array<char, 16> bytes;
  const iovec here{bytes.data(), bytes.size()};
  const iovec there{reinterpret_cast<void*>(number(arguments, 1)), bytes.size()};
  return outcome(::syscall(SYS_process_vm_readv, number(arguments, 0), &here, 1, &there, 1, 0));
}

std::string attach(const Arguments& arguments) {
  return outcome(::syscall(SYS_ptrace, PTRACE_ATTACH, number(arguments, 0), 0, 0));
}

std::string send_signal(const Arguments& arguments) {
  return outcome(::syscall(SYS_kill, number(arguments, 0), number(arguments, 1)));
}

std::string queue_signal(const Arguments& arguments) {
  siginfo_t info{};
  info.si_code = SI_QUEUE;
  return outcome(::syscall(SYS_rt_sigqueueinfo, number(arguments, 0), 0, &info));
}

// By the kernel, when there is something to read.
std::string have_signal_sent(const Arguments& arguments) {
  const Descriptor socket{::syscall(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  return outcome(::syscall(SYS_fcntl, socket.get(), F_SETOWN, number(arguments, 0)));
}

std::string change_limit(const Arguments& arguments) {
  rlimit files{};
  if (::syscall(SYS_prlimit64, number(arguments, 0), RLIMIT_NOFILE, nullptr, &files) != 0) return outcome(-1);
  return outcome(::syscall(SYS_prlimit64, number(arguments, 0), RLIMIT_NOFILE, &files, nullptr));
}

// ---- Itself

std::string become(const Arguments& arguments) {
  const long id = number(arguments, 0);
  return outcome(::syscall(SYS_setresuid, id, id, id));
}

std::string run_program(const Arguments& arguments) {
  const std::array<const char*, 2> command{arguments[0].c_str(), nullptr};
  return outcome(::syscall(SYS_execve, command[0], command.data(), nullptr));
}

std::string start_process(const Arguments&) {
  const long child = ::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (child == 0) ::syscall(SYS_exit_group, 0);
  return outcome(child);
}

std::string open_to_debuggers(const Arguments&) { return outcome(::syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0)); }

std::string make_code(const Arguments&) {
  void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const std::string result = outcome(::syscall(SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC));
  ::munmap(page, 4096);
  return result;
}

// Any call, without arguments that would make sense: the filter comes first.
std::string call_kernel(const Arguments& arguments) {
  return outcome(::syscall(number(arguments, 0), number(arguments, 1), number(arguments, 2), number(arguments, 3)));
}

std::string is_loaded(const Arguments& arguments) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find(arguments[0]) != std::string::npos) return "yes";
  return "no";
}

// Whether bytes, given in hexadecimal and inverted, are anywhere in this process's memory. They are put together
// nowhere.
std::string find_in_memory(const Arguments& arguments) {
  std::vector<unsigned char> inverted;
  for (std::size_t i = 0; i + 1 < arguments[0].size(); i += 2)
    inverted.push_back(static_cast<unsigned char>(std::stoi(arguments[0].substr(i, 2), nullptr, 16)));
  // By way of a file: what cannot be read is an error of the kernel's then, and no fault.
  const Descriptor copy{::memfd_create("copy", MFD_CLOEXEC)};
  std::ifstream maps("/proc/self/maps");
  std::vector<unsigned char> bytes;
  for (std::string line; std::getline(maps, line);) {
    std::size_t dash = 0;
    const std::size_t begin = std::stoul(line, &dash, 16), end = std::stoul(line.substr(dash + 1), nullptr, 16);
    if (line.find(" r") == std::string::npos) continue;
    const ssize_t written = ::pwrite(copy.get(), reinterpret_cast<const void*>(begin), end - begin, 0);
    if (written <= 0) continue;
    bytes.resize(static_cast<std::size_t>(written));
    if (::pread(copy.get(), bytes.data(), bytes.size(), 0) != written) return outcome(-1);
    const auto matches = [](unsigned char byte, unsigned char other) { return byte == (other ^ 0xFF); };
    if (std::search(bytes.begin(), bytes.end(), inverted.begin(), inverted.end(), matches) != bytes.end()) return "yes";
  }
  return "no";
}

// ---- The network

std::string make_socket(const Arguments& arguments) {
  const Descriptor socket{::syscall(SYS_socket, number(arguments, 0), number(arguments, 1), number(arguments, 2))};
  return outcome(std::min(socket.get(), 0));
}

sockaddr_in address_of(const Arguments& arguments) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, arguments[0].c_str(), &address.sin_addr);
  address.sin_port = htons(static_cast<std::uint16_t>(number(arguments, 1)));
  return address;
}

std::string connect_to(int type, const sockaddr* address, socklen_t size) {
  const Descriptor socket{::syscall(SYS_socket, address->sa_family, type | SOCK_CLOEXEC, 0)};
  return outcome(socket.get() < 0 ? -1 : ::syscall(SYS_connect, socket.get(), address, size));
}

std::string connect_tcp(const Arguments& arguments) {
  const sockaddr_in address = address_of(arguments);
  return connect_to(SOCK_STREAM, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

std::string listen_tcp(const Arguments& arguments) {
  const Descriptor socket{::syscall(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const sockaddr_in address = address_of(arguments);
  if (::syscall(SYS_bind, socket.get(), &address, sizeof address) != 0) return outcome(-1);
  return outcome(::syscall(SYS_listen, socket.get(), 1));
}

// Sends a datagram and waits for one to come back.
std::string exchange_udp(const Arguments& arguments) {
  const Descriptor socket{::syscall(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const sockaddr_in address = address_of(arguments);
  if (::syscall(SYS_sendto, socket.get(), "hello", 5, 0, &address, sizeof address) < 0) return outcome(-1);
  pollfd answer{socket.get(), POLLIN, 0};
  if (::poll(&answer, 1, 60'000) <= 0) return "no answer";
  std::array<char, 16> bytes;
  return outcome(::recv(socket.get(), bytes.data(), bytes.size(), 0));
}

// A path, or a name behind "@".
std::string connect_unix(const Arguments& arguments) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& name = arguments[0];
  std::memcpy(address.sun_path, name.data(), std::min(name.size(), sizeof address.sun_path - 1));
  if (name[0] == '@') address.sun_path[0] = '\0';
  return connect_to(SOCK_STREAM, reinterpret_cast<const sockaddr*>(&address),
                    static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size()));
}

// As libraries do: every source of host names is asked.
std::string resolve(const Arguments& arguments) {
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(arguments[0].c_str(), "kerberos", nullptr, &found);
  if (error != 0) return ::gai_strerror(error);
  ::freeaddrinfo(found);
  return "0";
}

std::string find_user(const Arguments& arguments) {
  const passwd* user = ::getpwnam(arguments[0].c_str());
  return user != nullptr ? std::to_string(user->pw_uid) : "nobody";
}

const std::map<std::string, std::function<std::string(const Arguments&)>, std::less<>> kCommands{
    {"read", read_file},          {"write", write_file},
    {"list", list_directory},     {"chmod", change_mode},
    {"memory", read_memory},      {"ptrace", attach},
    {"signal", send_signal},      {"queue", queue_signal},
    {"setown", have_signal_sent}, {"prlimit", change_limit},
    {"setuid", become},           {"exec", run_program},
    {"fork", start_process},      {"dumpable", open_to_debuggers},
    {"code", make_code},          {"call", call_kernel},
    {"loaded", is_loaded},        {"find", find_in_memory},
    {"socket", make_socket},      {"tcp", connect_tcp},
    {"listen", listen_tcp},       {"udp", exchange_udp},
    {"unix", connect_unix},       {"resolve", resolve},
    {"user", find_user},
};

std::string carry_out(const std::string& command) {
  std::istringstream words(command);
  std::string verb;
  words >> verb;
  Arguments arguments;
  for (std::string word; words >> word;) arguments.push_back(word);
  const auto found = kCommands.find(verb);
  return found == kCommands.end() ? "no such command" : found->second(arguments);
}

std::string from_hexadecimal(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size() && text[i] != '@'; i += 2)
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return bytes;
}

gss_OID_desc the_mechanism() {
  static char oid[] = "\x2b\x06\x01\x04\x01\x81\xfd\x59\x01";  // 1.3.6.1.4.1.32473.1, of those for examples
  return {sizeof oid - 1, oid};
}

std::string* text_of(void* handle) { return static_cast<std::string*>(handle); }

}  // namespace

// ---- What the library of mechanisms calls. Names are strings, credentials and contexts are nothing.

EXPORTED OM_uint32 gss_import_name(OM_uint32*, gss_buffer_t text, gss_OID, gss_name_t* name) {
  *name = reinterpret_cast<gss_name_t>(new std::string(static_cast<const char*>(text->value), text->length));
  return GSS_S_COMPLETE;
}

EXPORTED OM_uint32 gss_release_name(OM_uint32*, gss_name_t* name) {
  delete text_of(*name);
  *name = GSS_C_NO_NAME;
  return GSS_S_COMPLETE;
}

// The library wants this one to be there, and calls the next.
EXPORTED OM_uint32 gss_acquire_cred(OM_uint32*, gss_name_t, OM_uint32, gss_OID_set, gss_cred_usage_t, gss_cred_id_t*,
                                    gss_OID_set*, OM_uint32*) {
  return GSS_S_UNAVAILABLE;
}

EXPORTED OM_uint32 gss_acquire_cred_from(OM_uint32*, gss_name_t, OM_uint32, gss_OID_set, gss_cred_usage_t,
                                         gss_const_key_value_set_t, gss_cred_id_t* credential, gss_OID_set*,
                                         OM_uint32*) {
  *credential = reinterpret_cast<gss_cred_id_t>(new std::string);
  return GSS_S_COMPLETE;
}

EXPORTED OM_uint32 gss_release_cred(OM_uint32*, gss_cred_id_t* credential) {
  delete text_of(*credential);
  *credential = GSS_C_NO_CREDENTIAL;
  return GSS_S_COMPLETE;
}

EXPORTED OM_uint32 gss_init_sec_context(OM_uint32*, gss_cred_id_t, gss_ctx_id_t* context, gss_name_t target, gss_OID,
                                        OM_uint32, OM_uint32, gss_channel_bindings_t, gss_buffer_t, gss_OID* actual,
                                        gss_buffer_t token, OM_uint32*, OM_uint32*) {
  static gss_OID_desc mechanism = the_mechanism();
  if (actual != nullptr) *actual = &mechanism;
  const std::string answer = carry_out(from_hexadecimal(*text_of(target)));
  token->value = std::malloc(answer.size());
  token->length = answer.size();
  std::memcpy(token->value, answer.data(), answer.size());
  *context = reinterpret_cast<gss_ctx_id_t>(new std::string);
  return GSS_S_CONTINUE_NEEDED;
}

EXPORTED OM_uint32 gss_delete_sec_context(OM_uint32*, gss_ctx_id_t* context, gss_buffer_t) {
  delete text_of(*context);
  *context = GSS_C_NO_CONTEXT;
  return GSS_S_COMPLETE;
}
