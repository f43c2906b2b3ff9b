// SecPkgInfo: an array of descriptions in one block together with its strings, so that one FreeContextBuffer frees all
// (E-004).
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "client-lib/exchange.h"
#include "client-lib/strings_out.h"

namespace sspi {

using PackageList = flatbuffers::Vector<flatbuffers::Offset<proto::Package>>;

/// Nothing when a string is not UTF-8.
template <class Form>
[[nodiscard]] std::optional<ContextBuffer> package_block(std::span<const proto::Package* const> packages) {
  using Char = typename Form::Char;
  std::size_t characters = 0;
  for (const proto::Package* package : packages) {
    for (const flatbuffers::String* text : {package->name(), package->comment()}) {
      const auto length = text == nullptr ? std::optional<std::size_t>(0) : Form::length(text->string_view());
      if (!length) return std::nullopt;
      characters += *length + 1;
    }
  }
  const std::size_t array = packages.size() * sizeof(typename Form::PkgInfo);
  ContextBuffer block(array + characters * sizeof(Char));
  auto* info = static_cast<typename Form::PkgInfo*>(block.get());
  auto* next = reinterpret_cast<Char*>(info + packages.size());
  const auto place = [&](const flatbuffers::String* text) {
    Char* const placed = next;
    if (text != nullptr) Form::encode(text->string_view(), placed);
    next += (text == nullptr ? 0 : *Form::length(text->string_view())) + 1;
    return placed;
  };
  for (const proto::Package* package : packages) {
    info->fCapabilities = package->capabilities();
    info->wVersion = package->version();
    info->wRPCID = package->rpc_id();
    info->cbMaxToken = package->max_token();
    info->Name = place(package->name());
    info->Comment = place(package->comment());
    ++info;
  }
  return block;
}

/// Asks the daemon for its packages: what is installed there may change, so nothing is remembered.
[[nodiscard]] SECURITY_STATUS ask_packages(Answer& answer, const PackageList*& packages);

/// By its name, in letters of either case. Null: it is not there.
[[nodiscard]] const proto::Package* find_package(const PackageList& packages, std::string_view name);

/// A package of `answer` in a block of its own.
template <class Form>
[[nodiscard]] SECURITY_STATUS hand_out_package(const proto::Package& package, Answer& answer,
                                               typename Form::PkgInfo** info) {
  auto block = package_block<Form>(std::array{&package});
  if (!block) return nonsense(answer);
  *info = block->template hand_out<typename Form::PkgInfo>();
  return SEC_E_OK;
}

/// The package of this name, as the daemon describes it now.
template <class Form>
[[nodiscard]] SECURITY_STATUS describe_package(std::string_view name, typename Form::PkgInfo** info) {
  Answer answer;
  const PackageList* known = nullptr;
  if (const SECURITY_STATUS status = ask_packages(answer, known); status != SEC_E_OK) return status;
  const proto::Package* package = find_package(*known, name);
  if (package == nullptr) return failed(SEC_E_SECPKG_NOT_FOUND, "there is no package " + std::string(name));
  return hand_out_package<Form>(*package, answer, info);
}

}  // namespace sspi
