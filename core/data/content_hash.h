#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace sift {

/// A 128-bit hash as 32 hexadecimal digits: MurmurHash3_x64_128 (A. Appleby, public domain), several
/// gigabytes per second. It detects accidental changes; it is not cryptographic.
std::string content_hash(std::string_view bytes);
/// The hash of a file, which need not fit in memory. Throws Error if it cannot be read.
std::string content_hash_of_file(const std::filesystem::path& path);

}  // namespace sift
