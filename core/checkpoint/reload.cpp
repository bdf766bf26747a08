#include "checkpoint/reload.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include <sift/error.h>
#include "checkpoint/checkpoint_files.h"
#include "checkpoint/damage.h"
#include "model/lora/adapter_files.h"
#include "model/weights/parameter.h"
#include "optim/optimizer_file.h"

namespace sift {
namespace fs = std::filesystem;

void check_intact(const fs::path& checkpoint) {
  const std::string damage = damage_of(checkpoint);
  if (damage.empty()) return;
  throw Error(fmt::format(
      "cannot roll back: the checkpoint is damaged: {}; --resume continues from the newest complete one",
      damage));
}

void reload_weights(const fs::path& folder, const Decoder& model) {
  if (model.adapter() != nullptr) return load_adapter(folder, model);
  const auto& parameters = model.parameters();
  const at::Tensor& first = parameters.front().tensor;
  const auto loaded = load_parameters(folder, model.config(), first.scalar_type(), at::kCPU);
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (i >= loaded.size() || loaded[i].name != parameters[i].name) {
      throw Error(fmt::format("{}: has no weight '{}'; it is a checkpoint of another model", folder.string(),
                              parameters[i].name));
    }
    parameters[i].tensor.copy_(loaded[i].tensor);
  }
}

void reload_optimizer(const fs::path& checkpoint, Optimizer& optimizer, const ParameterSlices& slices) {
  read_optimizer_file(checkpoint / kOptimizerFile, optimizer, slices);
}

}  // namespace sift
