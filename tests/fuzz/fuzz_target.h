#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <sift/error.h>

/// What every target defines, for libFuzzer and for driver.cpp: reads `size` bytes of anything with one of
/// Sift's parsers. A sift::Error is the right answer to bad input; every other exception, a signal, an answer
/// of a sanitizer or a run without end is a defect.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace sift::fuzz {

template <class Body>
int expect_no_fault(Body&& body) {
  try {
    body();
  } catch (const Error&) {
  }
  return 0;
}

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// A folder of this process, for parsers that read files; it goes when the process ends.
const std::filesystem::path& scratch_folder();

/// Writes `bytes` to a file of that folder and returns its path.
std::filesystem::path scratch_file(const std::string& name, std::string_view bytes);

/// A file of tests/fixtures or of tests/fuzz as it is.
std::string read_whole(const std::filesystem::path& file);

}  // namespace sift::fuzz
