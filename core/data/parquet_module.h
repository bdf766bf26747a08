#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/row_source.h"

namespace sift {

// Parquet is read by a module of its own, libsift_parquet.so, which is opened when the first .parquet file
// is: Arrow's libraries of 60 MB cost a run on other files nothing, and a build without Arrow only lacks the
// module.

/// The one function that the module exports, called "sift_open_parquet". Gives the ownership away.
using OpenParquet = RowSource*(const std::filesystem::path& file, const std::vector<std::string>& columns);

/// Where the module belongs: lib/sift beside libsift.
std::filesystem::path parquet_module();

/// See open_rows(). Throws Error that says how to get the module when it is not there.
std::unique_ptr<RowSource> open_parquet(const std::filesystem::path& file,
                                        const std::vector<std::string>& columns,
                                        const std::filesystem::path& module = parquet_module());

}  // namespace sift
