#pragma once

#include <filesystem>
#include <optional>

#include "config/sections.h"

namespace sift {

/// Where prepared data lies, as token_cache of [data] says; nothing where it is off, or "auto" finds no home.
std::optional<std::filesystem::path> cache_folder(const DataOptions& options);

}  // namespace sift
