#include <vector>

#include "formats/byte_source.h"
#include "fuzz/fuzz_target.h"

// The input is a file that may be compressed, read in pieces of two sizes.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sift;
  constexpr std::size_t kMostBytes = std::size_t{16} << 20;  // a few bytes may unpack to any number
  const auto file = fuzz::scratch_file("rows", fuzz::as_text(data, size));
  for (const std::size_t step : {std::size_t{100}, std::size_t{1} << 20}) {
    fuzz::expect_no_fault([&] {
      const auto source = open_bytes(file);
      std::vector<char> piece(step);
      std::size_t count = step;
      for (std::size_t done = 0; count == step && done < kMostBytes; done += count) {
        count = source->read(piece);
        if (count > step) __builtin_trap();
      }
    });
  }
  return 0;
}
