// docs/operating.md, done step by step: whoever follows it gets what it promises.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/booted_systemd.h"
#include "support/realm.h"

namespace sspid::test {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  if (!(std::ofstream(path) << text)) throw std::runtime_error("cannot write " + path.string());
}

// What a reader of the guide has: a host without sspid, what the packages bring, and a realm with an administrator.
class Site {
 public:
  Site() : realm_(with_administration()), systemd_({.files = host(), .visible = {SSPID_SOURCE, files_.path()}}) {
    realm_.add_user("root/admin", "adminpw");
  }

  Result follow(const std::string& guide) {
    const std::string site = files_.file("site.json");
    write_file(site, differences().dump());
    return systemd_.run({"/usr/bin/python3", SSPID_SOURCE "/tests/systemd/guide.py", guide, site});
  }

  std::string journal() {
    return systemd_.run({"journalctl", "--no-pager", "--lines=60", "--unit=sspid", "--unit=hello"}).output;
  }

 private:
  static Realm::Options with_administration() {
    Realm::Options options;
    options.password_service = true;
    return options;
  }

  fs::path host() {
    const fs::path root = files_.path() / "host";
    write_file(root / "etc/hosts", "127.0.0.1 localhost www.example.test kdc.example.test\n");
    write_file(root / "usr/lib/sysusers.d/people.conf", "u alice 5001 - /home/alice /bin/sh\n");
    write_file(root / "usr/lib/tmpfiles.d/people.conf", "d /home/alice 0700 alice alice -\n");
    for (const char* package : {"daemon", "library", "development"})
      run_or_throw({CMAKE_PROGRAM, "--install", SSPID_BUILD, "--component", package},
                   with(base_environment(), {{"DESTDIR", files_.file("packages")}}));
    return root;
  }

  // Where this is not the site of the guide: the realm has ports of its own, packages would install below /usr.
  nlohmann::json differences() {
    const std::string krb5_conf = read_text(realm_.file("krb5.conf"));
    const auto server = [&](const std::string& which) {
      const std::size_t begin = krb5_conf.find(" " + which + " = ");
      return krb5_conf.substr(begin, krb5_conf.find('\n', begin) - begin);
    };
    return {{"replace",
             {{" kdc = kdc.example.test", server("kdc")},
              {" admin_server = kdc.example.test", server("admin_server")},
              {"4444", port_.text()},
              {"/etc/sspid", SSPID_SYSCONFDIR "/sspid"},
              {"/usr/share/doc", SSPID_DATADIR "/doc"}}},
            {"instead", {{"install", install()}}}};
  }

  // What apt would unpack, then what the package does itself. Its last words are for units below /usr.
  std::string install() {
    return "cp -a --no-preserve=ownership " + files_.file("packages") +
           "/. /\n"
           "sh " SSPID_SOURCE
           "/packaging/debian/postinst configure ''\n"
           "ldconfig\n"
           "systemctl enable --now sspid.socket sspid.service\n";
  }

  Realm realm_;
  Port port_;
  Directory files_;
  BootedSystemd systemd_;
};

TEST(Guide, does_what_it_says) {
  Site site;
  const Result followed = site.follow(SSPID_SOURCE "/docs/operating.md");
  std::fputs(followed.output.c_str(), stdout);
  EXPECT_EQ(followed.status, 0) << site.journal();
}

}  // namespace
}  // namespace sspid::test

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
