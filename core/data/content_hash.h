#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace sift {

/// 128 bits that differ when the content does, as 32 hexadecimal digits: MurmurHash3_x64_128 (A. Appleby,
/// public domain), several gigabytes a second. Against accidents, not against an adversary.
std::string content_hash(std::string_view bytes);
/// The same of the content of a file, which need not fit in memory. Throws Error when it cannot be read.
std::string content_hash_of_file(const std::filesystem::path& path);

}  // namespace sift
