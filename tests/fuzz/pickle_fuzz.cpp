#include "fuzz/fuzz_target.h"
#include "fuzz/pickle_walk.h"

// The input is the pickle inside an optimizer.pt: whatever it says of a tensor is inside its storage.

namespace {

void check_inside(const sift::PickleValue& value) {
  const sift::PickledTensor& tensor = value.to_tensor();
  std::int64_t last = tensor.offset;
  for (std::size_t i = 0; i < tensor.sizes.size(); ++i) {
    if (tensor.sizes[i] == 0) return;
    last += (tensor.sizes[i] - 1) * tensor.strides[i];
  }
  if (last < 0 || last >= tensor.storage_numel) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sift;
  return fuzz::expect_no_fault([&] {
    int steps_left = 500;
    fuzz::walk_pickle(read_pickle(fuzz::as_text(data, size), "data.pkl"), check_inside, steps_left);
  });
}
