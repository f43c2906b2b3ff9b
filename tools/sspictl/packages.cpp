#include <array>

#include <sspi.h>

#include "commands.h"

namespace sspictl {

namespace proto = sspid::proto;

namespace {

struct Ability {
  std::uint32_t flag;
  const char* name;
};
constexpr std::array<Ability, 8> kAbilities = {{
    {SECPKG_FLAG_INTEGRITY, "integrity"},
    {SECPKG_FLAG_PRIVACY, "privacy"},
    {SECPKG_FLAG_NEGOTIABLE, "negotiable"},
    {SECPKG_FLAG_IMPERSONATION, "impersonation"},
    {SECPKG_FLAG_DELEGATION, "delegation"},
    {SECPKG_FLAG_MUTUAL_AUTH, "mutual"},
    {SECPKG_FLAG_STREAM, "stream"},
    {SECPKG_FLAG_GSS_COMPATIBLE, "gss"},
}};

std::vector<std::string> abilities_of(std::uint32_t flags) {
  std::vector<std::string> names;
  for (const Ability& ability : kAbilities)
    if (flags & ability.flag) names.emplace_back(ability.name);
  return names;
}

std::string text_of(const flatbuffers::String* text) { return text ? text->str() : std::string(); }

Json describe(const proto::Package& package) {
  return {{"name", text_of(package.name())},
          {"comment", text_of(package.comment())},
          {"max_token", package.max_token()},
          {"capabilities", abilities_of(package.capabilities())}};
}

std::string as_text(const Json& packages) {
  Table table{{"PACKAGE", "TOKEN", "CAPABILITIES", "COMMENT"}};
  for (const Json& package : packages) {
    std::string names;
    for (const Json& name : package.at("capabilities")) names += (names.empty() ? "" : ",") + name.get<std::string>();
    table.add({package.at("name"), std::to_string(number_of(package, "max_token")), names, package.at("comment")});
  }
  return table.text();
}

}  // namespace

Result packages(const Options& options) {
  Connection connection{options.place(), options.deadline()};
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(proto::CreateEnumerateSecurityPackagesRequest(builder));
  const auto& reply =
      connection.call<proto::EnumerateSecurityPackagesReply>(proto::Opcode::EnumerateSecurityPackages, builder);
  if (reply.status() != 0) throw Failure{text_of(reply.detail())};
  Json packages = Json::array();
  if (reply.packages())
    for (const auto* package : *reply.packages()) packages.push_back(describe(*package));
  return {options.format == Format::json ? to_line(packages) : as_text(packages)};
}

}  // namespace sspictl
