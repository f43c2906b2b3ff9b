#include "postgres.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "unprivileged.h"

namespace sspid::test {

namespace {

constexpr const char* kAdministrator = "admin";

// 0 where the directory is none of a version.
int version_of(const std::filesystem::path& directory) {
  const std::string name = directory.filename();
  int version = 0;
  std::from_chars(name.data(), name.data() + name.size(), version);
  return version;
}

// The newest of the versions that are installed beside each other.
std::string find_programs() {
  std::filesystem::path newest;
  int version = 0;
  const std::filesystem::path base = "/usr/lib/postgresql";
  if (std::filesystem::exists(base))
    for (const auto& entry : std::filesystem::directory_iterator(base))
      if (const int number = version_of(entry.path());
          number > version && std::filesystem::exists(entry.path() / "bin/initdb")) {
        version = number;
        newest = entry.path() / "bin";
      }
  if (newest.empty()) throw std::runtime_error("the program initdb is missing: install postgresql");
  return newest;
}

void write_file(const std::string& path, const std::string& text) {
  if (!(std::ofstream(path) << text).flush()) throw std::runtime_error("cannot write " + path);
}

// Authentication requests of the protocol.
enum Authentication : std::uint32_t { kAuthenticated = 0, kGss = 7, kGssContinue = 8 };
constexpr std::uint32_t kProtocol3 = 3 << 16;
constexpr std::uint32_t kGssEncryption = 80877104;

// A packet of GSS encryption with its length must not be longer.
constexpr std::size_t kLargestPacket = 16384;
constexpr std::uint32_t kNonsense = std::uint32_t{1} << 24;

std::uint32_t take_number(Bytes& bytes) {
  if (bytes.size() < 4) throw std::runtime_error("a reply of PostgreSQL's is cut short");
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | bytes[i];
  bytes.erase(bytes.begin(), bytes.begin() + 4);
  return value;
}

// Fields with a type byte each, NUL-terminated; M is the text for people.
std::string message_of(const Bytes& body) {
  for (std::size_t at = 0; at < body.size() && body[at] != 0;) {
    const char type = static_cast<char>(body[at]);
    std::string text = reinterpret_cast<const char*>(body.data() + at + 1);
    if (type == 'M') return text;
    at += text.size() + 2;
  }
  return "an error without a text";
}

}  // namespace

Postgres::Postgres(const Realm& realm) : environment_(realm.environment()), programs_(find_programs()) {
  std::filesystem::copy_file(realm.keytab(), directory_.file("keytab"));
  write_file(directory_.file("hba"),
             std::string("local all ") + kAdministrator +
                 " trust\n"
                 "hostgssenc encrypted all 127.0.0.1/32 gss include_realm=0 krb_realm=" +
                 realm.name() + "\nhost plain all 127.0.0.1/32 gss include_realm=0 krb_realm=" + realm.name() + "\n");
  give_to_unprivileged(directory_.path());
  make_cluster();
  process_.emplace(Process::Options{.command = unprivileged({programs_ + "/postgres", "-D", directory_.file("data")}),
                                    .environment = environment_,
                                    .output = directory_.file("log")});
  await(
      "postgres: " + directory_.file("log"),
      [this] {
        return run({programs_ + "/pg_isready", "-h", directory_.path(), "-p", port_.text()}).status == 0;
      },
      &*process_);
  for (const char* user : {"alice", "bob"}) as_administrator(std::string("create role ") + user + " login");
  for (const char* database : {"plain", "encrypted"}) as_administrator(std::string("create database ") + database);
}

void Postgres::make_cluster() {
  run_or_throw(unprivileged({programs_ + "/initdb", "-D", directory_.file("data"), "-A", "trust", "-U", kAdministrator,
                             "--no-sync"}),
               environment_);
  std::ofstream more(directory_.file("data/postgresql.conf"), std::ios::app);
  more << "listen_addresses = '127.0.0.1'\n"
          "port = "
       << port_.text() << "\nunix_socket_directories = '" << directory_.path().string() << "'\nhba_file = '"
       << directory_.file("hba") << "'\nkrb_server_keyfile = 'FILE:" << directory_.file("keytab")
       << "'\nfsync = off\nlog_connections = on\n";
  if (!more.flush()) throw std::runtime_error("cannot write postgresql.conf");
}

void Postgres::as_administrator(const std::string& sql) {
  run_or_throw({programs_ + "/psql", "-h", directory_.path(), "-p", port_.text(), "-U", kAdministrator, "-q", "-d",
                "postgres", "-c", sql},
               environment_);
}

void PostgresClient::encrypt(SspiInitiator& context) {
  stream_.send(ByteBuilder().be(std::uint32_t{8}).be(kGssEncryption).take());
  if (text_of(stream_.receive(1)) != "G") throw std::runtime_error("PostgreSQL does not offer GSS encryption");
  Leg leg = context.step({});
  for (;;) {
    if (!leg.token.empty())
      stream_.send(ByteBuilder().be(static_cast<std::uint32_t>(leg.token.size())).add(leg.token).take());
    if (leg.state != Leg::State::more) break;
    const auto length = stream_.receive_be<std::uint32_t>();
    if (length > kLargestPacket) throw std::runtime_error("PostgreSQL sends no token");
    leg = context.step(stream_.receive(length));
  }
  if (leg.state != Leg::State::done) throw std::runtime_error(leg.status);
  sealing_ = &context;
  const SecPkgContext_Sizes sizes = context.sizes();
  most_ = kLargestPacket - 4 - sizes.cbSecurityTrailer - sizes.cbBlockSize;
}

void PostgresClient::log_on(const std::string& user, const std::string& database, SspiInitiator* context) {
  const Bytes parameters = ByteBuilder()
                               .be(kProtocol3)
                               .add("user")
                               .zeros(1)
                               .add(user)
                               .zeros(1)
                               .add("database")
                               .zeros(1)
                               .add(database)
                               .zeros(2)
                               .take();
  write(ByteBuilder().be(static_cast<std::uint32_t>(parameters.size() + 4)).add(parameters).take());
  authenticate(context);
  while (receive().type != 'Z') {
  }
}

void PostgresClient::authenticate(SspiInitiator* context) {
  for (;;) {
    Reply reply = receive();
    if (reply.type != 'R') throw std::runtime_error("PostgreSQL does not ask who this is");
    const std::uint32_t request = take_number(reply.body);
    if (request == kAuthenticated) return;
    if ((request != kGss && request != kGssContinue) || !context)
      throw std::runtime_error("PostgreSQL asks for authentication of kind " + std::to_string(request));
    const Leg leg = context->step(reply.body);
    if (leg.state == Leg::State::failed) throw std::runtime_error(leg.status);
    if (!leg.token.empty()) send('p', leg.token);
  }
}

std::vector<PostgresClient::Row> PostgresClient::query(const std::string& sql) {
  send('Q', ByteBuilder().add(sql).zeros(1).take());
  std::vector<Row> rows;
  for (Reply reply = receive(); reply.type != 'Z'; reply = receive()) {
    if (reply.type != 'D') continue;
    Row row(std::size_t{reply.body.at(0)} << 8 | reply.body.at(1));
    reply.body.erase(reply.body.begin(), reply.body.begin() + 2);
    for (std::string& column : row) {
      const auto length = static_cast<std::int32_t>(take_number(reply.body));
      if (length < 0) continue;  // NULL
      const auto end = reply.body.begin() + length;
      column.assign(reply.body.begin(), end);
      reply.body.erase(reply.body.begin(), end);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

void PostgresClient::end() {
  send('X', {});
  EXPECT_TRUE(stream_.ended());
}

PostgresClient::Reply PostgresClient::receive() {
  Reply reply;
  reply.type = static_cast<char>(read(1).front());
  Bytes length_field = read(4);
  const std::uint32_t length = take_number(length_field);
  if (length < 4 || length > kNonsense) throw std::runtime_error("this is no reply of PostgreSQL's");
  reply.body = read(length - 4);
  if (reply.type == 'E') throw std::runtime_error("PostgreSQL: " + message_of(reply.body));
  return reply;
}

void PostgresClient::send(char type, const Bytes& body) {
  write(ByteBuilder()
            .be(static_cast<std::uint8_t>(type))
            .be(static_cast<std::uint32_t>(body.size() + 4))
            .add(body)
            .take());
}

void PostgresClient::write(const Bytes& bytes) {
  if (!sealing_) return stream_.send(bytes);
  for (std::size_t at = 0; at < bytes.size(); at += most_) {
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    const Bytes piece(begin, begin + static_cast<std::ptrdiff_t>(std::min(most_, bytes.size() - at)));
    const Bytes token = sealing_->seal(piece).stream();
    stream_.send(ByteBuilder().be(static_cast<std::uint32_t>(token.size())).add(token).take());
  }
}

Bytes PostgresClient::read(std::size_t count) {
  if (!sealing_) return stream_.receive(count);
  while (received_.size() < count) {
    const auto length = stream_.receive_be<std::uint32_t>();
    if (length > kLargestPacket) throw std::runtime_error("PostgreSQL sends a packet of " + std::to_string(length));
    Bytes plain;
    ULONG qop = 1;
    must("DecryptMessage", sealing_->open_stream(stream_.receive(length), plain, &qop));
    if (qop != 0) throw std::runtime_error("PostgreSQL's packet is not encrypted");
    received_.insert(received_.end(), plain.begin(), plain.end());
  }
  const auto end = received_.begin() + static_cast<std::ptrdiff_t>(count);
  Bytes result(received_.begin(), end);
  received_.erase(received_.begin(), end);
  return result;
}

}  // namespace sspid::test
