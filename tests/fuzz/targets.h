#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace sift::fuzz {

/// What LLVMFuzzerTestOneInput() is in the source of one target.
using Target = int (*)(const std::uint8_t* data, std::size_t size);

/// All targets of fuzz_short, by name.
const std::map<std::string, Target>& targets();

}  // namespace sift::fuzz
