#include <ATen/core/Tensor.h>

#include "fuzz/fuzz_target.h"
#include "model/weights/quantized_tensors.h"

// The input is a model.safetensors with "w.weight", 2 x 64, in bitsandbytes' 4 bits: what is read can be
// dequantised.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sift;
  const auto file = fuzz::scratch_file("model.safetensors", fuzz::as_text(data, size));
  return fuzz::expect_no_fault([&] {
    const ModelTensors tensors(file.parent_path());
    if (!is_quantized(tensors, "w.weight")) return;
    (void)dequantize(read_quantized(tensors, "w.weight", {2, 64}, "model.safetensors"), at::kFloat);
  });
}
