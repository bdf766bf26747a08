#pragma once

#include <filesystem>
#include <optional>

#include "data/data_options.h"
#include "data/growing_numbers.h"

namespace sift {

/// Where prepared data lies, as token_cache of [data] says; nothing where it is off, or "auto" finds no home.
std::optional<std::filesystem::path> cache_folder(const DataOptions& options);

/// Where a data set that is too large for memory goes: into files without names in that folder.
Spill spill_of(const DataOptions& options);

}  // namespace sift
