#include "fuzz/fuzz_target.h"
#include "model/model_config.h"

// The input is the config.json of a model folder.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sift;
  const auto file = fuzz::scratch_file("config.json", fuzz::as_text(data, size));
  return fuzz::expect_no_fault([&] {
    const ModelConfig config = ModelConfig::from_folder(file.parent_path());
    (void)config.sliding_window(config.num_hidden_layers - 1);
  });
}
