#include "evidence.h"

#include <filesystem>
#include <fstream>
#include <mutex>

#include <krb5/krb5.h>
#include <unistd.h>

namespace sspid::test {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShortest = 5;  // "bobpw"

/// results/KIND/PROGRAM-PID.txt, open as long as the process lives.
std::ofstream open_evidence(const char* kind) {
  const fs::path directory = fs::path(SSPID_RESULTS) / kind;
  fs::create_directories(directory);
  const std::string program = fs::read_symlink("/proc/self/exe").filename();
  return std::ofstream(directory / (program + '-' + std::to_string(::getpid()) + ".txt"),
                       std::ios::binary | std::ios::app);
}

void remember(std::string_view bytes) {
  static std::ofstream file = open_evidence("secrets");
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string line;
  for (const char c : bytes) {
    line += kDigits[static_cast<unsigned char>(c) >> 4];
    line += kDigits[static_cast<unsigned char>(c) & 15];
  }
  file << line << std::endl;
}

void remember(const krb5_keyblock& key) { remember({reinterpret_cast<const char*>(key.contents), key.length}); }

void remember_keytab(krb5_context context, const std::string& name) {
  krb5_keytab keytab = nullptr;
  krb5_kt_cursor cursor = nullptr;
  if (krb5_kt_resolve(context, name.c_str(), &keytab) != 0) return;
  if (krb5_kt_start_seq_get(context, keytab, &cursor) == 0) {
    for (krb5_keytab_entry entry; krb5_kt_next_entry(context, keytab, &entry, &cursor) == 0;) {
      remember(entry.key);
      krb5_free_keytab_entry_contents(context, &entry);
    }
    krb5_kt_end_seq_get(context, keytab, &cursor);
  }
  krb5_kt_close(context, keytab);
}

void remember_cache(krb5_context context, const std::string& name) {
  krb5_ccache cache = nullptr;
  krb5_cc_cursor cursor = nullptr;
  if (krb5_cc_resolve(context, name.c_str(), &cache) != 0) return;
  if (krb5_cc_start_seq_get(context, cache, &cursor) == 0) {
    for (krb5_creds creds; krb5_cc_next_cred(context, cache, &cursor, &creds) == 0;) {
      if (creds.keyblock.length != 0) remember(creds.keyblock);
      krb5_free_cred_contents(context, &creds);
    }
    krb5_cc_end_seq_get(context, cache, &cursor);
  }
  krb5_cc_close(context, cache);
}

}  // namespace

void keep_log(const std::string& text) {
  static std::ofstream file = open_evidence("logs");
  file << text << std::flush;
}

void remember_password(std::string_view password) {
  if (password.size() >= kShortest) remember(password);
}

void remember_session_key(std::span<const unsigned char> key) {
  static std::mutex mutex;
  const std::lock_guard lock{mutex};
  remember({reinterpret_cast<const char*>(key.data()), key.size()});
}

void remember_keys_below(const std::string& directory) {
  krb5_context context = nullptr;
  // The profile of no file: a realm's own may be broken on purpose.
  if (krb5_init_context_profile(nullptr, 0, &context) != 0) return;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    char magic[2] = {};
    std::ifstream(entry.path(), std::ios::binary).read(magic, 2);
    if (magic[0] != 5) continue;
    const std::string name = "FILE:" + entry.path().string();
    if (magic[1] == 2) remember_keytab(context, name);
    if (magic[1] == 4) remember_cache(context, name);
  }
  krb5_free_context(context);
}

}  // namespace sspid::test
