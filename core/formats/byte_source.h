#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace sift {

/// Bytes that are read once, from the first to the last.
class ByteSource {
 public:
  virtual ~ByteSource();

  /// Fills `target` and returns its size; less only at the end. Throws Error, without the name of the file.
  virtual std::size_t read(std::span<char> target) = 0;
};

/// The content of a file, decompressed if it begins as a gzip, xz or zstd file does, whatever its name. Files
/// of several parts (gzip members, xz streams, zstd frames, those to be skipped among them) are read to the
/// end, and what follows a part but begins no other is an Error. Memory does not depend on the size of the
/// file. Throws Error that names the file if it cannot be opened.
std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& file);

}  // namespace sift
