#include <ATen/core/Tensor.h>

#include "formats/safetensors.h"
#include "fuzz/fuzz_target.h"

// The input is a model.safetensors: whatever its header says of a tensor, its bytes are inside the file.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sift;
  const auto file = fuzz::scratch_file("model.safetensors", fuzz::as_text(data, size));
  return fuzz::expect_no_fault([&] {
    const ModelTensors tensors(file.parent_path());
    unsigned sum = 0;
    for (const std::string& name : tensors.names()) {
      const at::Tensor tensor = tensors.tensor(name);
      const auto* bytes = static_cast<const unsigned char*>(tensor.const_data_ptr());
      for (std::size_t i = 0; i < tensor.nbytes(); ++i) sum += bytes[i];
    }
    [[maybe_unused]] static volatile unsigned keep;
    keep = sum;
  });
}
