#include "checkpoint/manifest.h"
#include "fuzz/fuzz_target.h"

// The input is the manifest.json of a checkpoint.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sift;
  return fuzz::expect_no_fault([&] { (void)parse_manifest(fuzz::as_text(data, size), "manifest.json"); });
}
