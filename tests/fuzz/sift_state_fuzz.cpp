#include "checkpoint/checkpoint.h"
#include "fuzz/fuzz_target.h"

// The input is the sift_state.json of a checkpoint.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sift;
  const auto file = fuzz::scratch_file("sift_state.json", fuzz::as_text(data, size));
  return fuzz::expect_no_fault([&] {
    Progress progress;
    (void)read_sift_state(file.parent_path(), progress);
  });
}
