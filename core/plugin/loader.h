#pragma once

#include <filesystem>
#include <string>

#include <sift/plugin.h>

namespace sift {

/// The symbol that every plugin exports.
inline constexpr const char* kPluginSymbol = "sift_plugin_info";

/// Opens `file` and checks what it says of itself, in this order: the library opens, it has the entry point,
/// the info is not null, its abi is ours, its build tag is ours, its fields are filled in. Nothing after the
/// abi is read before the abi matches. Throws Error, one text for each step, starting with `shown_as`.
/// The library stays loaded for the rest of the process, refused or not.
const PluginInfo& open_plugin(const std::filesystem::path& file, const std::string& shown_as);

/// Whether a plugin or a component may be called so: not empty, only a-z, 0-9 and '_'.
bool is_valid_name(const std::string& name);

/// The first line of `text`: messages of LibTorch go on with a stack trace.
std::string first_line(const std::string& text);

}  // namespace sift
