#include <ATen/Functions.h>

#include "formats/safetensors.h"
#include "fuzz/fuzz_target.h"

// The input is a model.safetensors.index.json beside two shards, a.safetensors and b.safetensors, with the
// tensors x and y.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sift;
  static const bool has_shards = [] {
    const auto& folder = fuzz::scratch_folder();
    write_safetensors(folder / "a.safetensors", {{"x", at::zeros({2, 3})}}, {});
    write_safetensors(folder / "b.safetensors", {{"y", at::zeros({4})}}, {});
    return true;
  }();
  if (!has_shards) return 0;
  const auto file = fuzz::scratch_file("model.safetensors.index.json", fuzz::as_text(data, size));
  return fuzz::expect_no_fault([&] {
    const ModelTensors tensors(file.parent_path());
    for (const std::string& name : tensors.names()) (void)tensors.tensor(name);
  });
}
