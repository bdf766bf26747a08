#include "model/lora/load_adapted.h"

#include <memory>

#include "model/lora/adapter_config.h"
#include "model/lora/adapter_files.h"

namespace sift {

Decoder load_adapted(const std::filesystem::path& folder, const ModelConfig& config, at::ScalarType dtype,
                     at::Device device) {
  Decoder model = Decoder::load(base_of(folder), config, dtype, device);
  if (!is_adapter_folder(folder)) return model;
  const auto adapter = std::make_shared<const Adapter>(read_adapter_config(folder).options, config);
  model.add_adapter(adapter, /*seed=*/0);
  load_adapter(folder, model);
  return model;
}

}  // namespace sift
