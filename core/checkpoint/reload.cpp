#include "checkpoint/reload.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>

#include <sift/error.h>
#include "checkpoint/damage.h"
#include "model/lora/adapter_files.h"
#include "model/weights/parameter.h"

namespace sift {
namespace fs = std::filesystem;

void check_intact(const fs::path& checkpoint) {
  const std::string damage = damage_of(checkpoint);
  if (damage.empty()) return;
  throw Error(fmt::format(
      "cannot roll back: the checkpoint is damaged: {}; --resume continues from the newest complete one",
      damage));
}

void reload_weights(const fs::path& folder, const Decoder& model, Parallel& parallel) {
  const auto& parameters = model.parameters();
  if (model.adapter() != nullptr) {
    parallel.make_whole();
    load_adapter(folder, model);
    for (const Parameter& parameter : model.trainable())
      parallel.set_values(parameter, parameter.tensor.detach());
    return;
  }
  std::size_t next = 0;
  const at::ScalarType dtype = parameters.front().tensor.scalar_type();
  read_parameters(folder, model.config(), dtype, at::kCPU, [&](const Parameter& loaded) {
    if (next >= parameters.size() || loaded.name != parameters[next].name) {
      throw Error(fmt::format("{}: has no weight '{}'; it is a checkpoint of another model", folder.string(),
                              next < parameters.size() ? parameters[next].name : loaded.name));
    }
    parallel.set_values(parameters[next++], loaded.tensor.detach());
  });
}

}  // namespace sift
