#pragma once

#include <filesystem>
#include <optional>

#include "data/data_options.h"
#include "data/growing_numbers.h"

namespace sift {

/// The folder of the token cache, from token_cache in [data]; nothing if it is off or "auto" finds no folder.
std::optional<std::filesystem::path> cache_folder(const DataOptions& options);

/// Where a data set that is too large for memory spills: to unnamed files in that folder.
Spill spill_of(const DataOptions& options);

}  // namespace sift
