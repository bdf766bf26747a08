#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/row_source.h"

namespace sift {

// A separate module, libsift_parquet.so, reads Parquet. It is loaded with the first .parquet file: other runs
// do not load Arrow's 60 MB of libraries, and a build without Arrow lacks only this module.

/// The only function that the module exports, "sift_open_parquet". The caller owns the result.
using OpenParquet = RowSource*(const std::filesystem::path& file, const std::vector<std::string>& columns);

/// The path of the module: lib/sift beside libsift.
std::filesystem::path parquet_module();

/// See open_rows(). If the module is missing, throws Error that explains how to build it.
std::unique_ptr<RowSource> open_parquet(const std::filesystem::path& file,
                                        const std::vector<std::string>& columns,
                                        const std::filesystem::path& module = parquet_module());

}  // namespace sift
