#define BOOST_DLL_USE_STD_FS
#include "plugin/loader.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include <sift/error.h>

namespace sift {
namespace {

/// The word that follows `mark` in `text`, or empty.
std::string word_after(const std::string& text, const std::string& mark) {
  const auto at = text.find(mark);
  if (at == std::string::npos) return {};
  const auto begin = at + mark.size();
  return text.substr(begin, text.find_first_of(" \n(;", begin) - begin);
}

/// The error of the dynamic linker, as one sentence with advice.
std::string open_failure(std::string reason, const std::string& file) {
  const std::string prefix = file + ": ";
  if (reason.rfind(prefix, 0) == 0) reason.erase(0, prefix.size());
  if (const std::string symbol = word_after(reason, "undefined symbol: "); !symbol.empty()) {
    return fmt::format(
        "needs the symbol '{}', which neither this program nor its LibTorch has; built against another "
        "LibTorch? rebuild the plugin for \"{}\"",
        symbol, SIFT_BUILD_TAG);
  }
  for (const char* sign : {"invalid ELF header", "file too short", "wrong ELF class"}) {
    if (reason.find(sign) != std::string::npos) {
      return fmt::format("is not a shared library ({}); a plugin is a .so made with sift_add_plugin()",
                         reason);
    }
  }
  return fmt::format("cannot be loaded: {}; every library that it needs must be installed or be in its rpath",
                     reason);
}

/// The file, opened and never closed. On purpose: LibTorch keeps pointers into every library that has used it
/// and crashes at exit when one is gone, and components and exceptions of a plugin may outlive any owner.
const boost::dll::shared_library& open_for_ever(const std::filesystem::path& file,
                                                const std::string& shown_as) {
  auto library = std::make_unique<boost::dll::shared_library>();
  std::error_code failed;
  // now: a missing symbol fails here, not at step 4000; local: equal symbols of two plugins stay separate
  library->load(file, failed, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (failed) {
    const char* reason = ::dlerror();
    throw Error(fmt::format("{}: {}", shown_as,
                            open_failure(reason != nullptr ? reason : failed.message(), file.string())));
  }
  return *library.release();
}

/// The names of the fields that a plugin left null or empty.
std::string empty_fields(const PluginInfo& info) {
  std::string names;
  const std::pair<const char*, const char*> texts[] = {
      {"name", info.name}, {"version", info.version}, {"summary", info.summary}};
  for (const auto& [name, text] : texts) {
    if (text == nullptr || *text == '\0') names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
  }
  if (info.add_to == nullptr) names += fmt::format("{}add_to", names.empty() ? "" : ", ");
  return names;
}

}  // namespace

bool is_valid_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

const PluginInfo& open_plugin(const std::filesystem::path& file, const std::string& shown_as) {
  const auto refuse = [&](const std::string& why) { throw Error(fmt::format("{}: {}", shown_as, why)); };

  const boost::dll::shared_library& library = open_for_ever(file, shown_as);
  if (!library.has(kPluginSymbol)) {
    refuse(
        fmt::format("has no function '{}', so it is not a Sift plugin; add SIFT_PLUGIN(...) of sift/plugin.h "
                    "to one of its source files",
                    kPluginSymbol));
  }
  const PluginInfo* info = library.get<const PluginInfo*()>(kPluginSymbol)();
  if (info == nullptr) {
    refuse(fmt::format("{}() returned null instead of a PluginInfo; write it with SIFT_PLUGIN(...)",
                       kPluginSymbol));
  }
  if (info->abi != kPluginAbi) {
    refuse(fmt::format("was built for abi {}, this program has abi {}; rebuild the plugin against this Sift",
                       info->abi, kPluginAbi));
  }
  if (info->build_tag == nullptr || std::strcmp(info->build_tag, SIFT_BUILD_TAG) != 0) {
    refuse(fmt::format(
        "was built with \"{}\", this program with \"{}\"; rebuild the plugin with the compiler and the "
        "LibTorch of this program",
        info->build_tag != nullptr ? info->build_tag : "no build tag", SIFT_BUILD_TAG));
  }
  if (const std::string empty = empty_fields(*info); !empty.empty()) {
    refuse(fmt::format("leaves out {} of its PluginInfo; SIFT_PLUGIN(...) takes all of them", empty));
  }
  if (!is_valid_name(info->name)) {
    refuse(fmt::format("calls itself '{}'; a name may contain only a-z, 0-9 and '_'", info->name));
  }
  return *info;
}

}  // namespace sift
