#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/row_source.h"
#include "formats/byte_source.h"

namespace sift {

// A separate module, libsift_parquet.so, reads Parquet and CSV with Arrow. It is loaded with the first such
// file: other runs do not load Arrow's 60 MB of libraries, and a build without Arrow lacks only this module.

/// The two functions that the module exports, "sift_open_parquet" and "sift_open_csv". The caller owns the
/// result. `open` gives the bytes of the file from their beginning.
using OpenParquet = RowSource*(const std::filesystem::path& file, const std::vector<std::string>& columns);
using OpenBytes = std::unique_ptr<ByteSource>(const std::filesystem::path& file);
using OpenCsv = RowSource*(const std::filesystem::path& file, char delimiter,
                           const std::vector<std::string>& columns, OpenBytes* open);

/// The path of the module: lib/sift beside libsift.
std::filesystem::path parquet_module();

/// See open_rows(). If the module is missing, throws Error that explains how to build it.
std::unique_ptr<RowSource> open_parquet(const std::filesystem::path& file,
                                        const std::vector<std::string>& columns,
                                        const std::filesystem::path& module = parquet_module());

/// The same for values between delimiters, whose first row holds the names of the columns. Every value is a
/// text; one that is empty is null.
std::unique_ptr<RowSource> open_csv(const std::filesystem::path& file, char delimiter,
                                    const std::vector<std::string>& columns,
                                    const std::filesystem::path& module = parquet_module());

}  // namespace sift
