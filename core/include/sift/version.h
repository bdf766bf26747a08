#pragma once

#include <cstdint>

/// Of Sift, as `sift --version` prints it. CMake reads it from here.
#define SIFT_VERSION "0.1.0"

namespace sift {

/// Incremented whenever a struct or a virtual function in core/include/sift changes in any way; a plugin that
/// was built for another number is refused. CHANGELOG.md has its history.
inline constexpr std::uint32_t kPluginAbi = 6;

}  // namespace sift
