#include "optim/optimizer_shards.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <utility>

#include <sift/error.h>
#include "formats/safetensors.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

using File = std::shared_ptr<const SafetensorsFile>;

/// The file of each tensor.
std::map<std::string, File> open_shards(const fs::path& folder) {
  std::map<std::string, File> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("optimizer-") || !name.ends_with(".safetensors")) continue;
    const auto file = std::make_shared<const SafetensorsFile>(entry.path());
    for (const std::string& tensor : file->names()) files[tensor] = file;
  }
  return files;
}

bool has_state(const std::map<std::string, File>& files, std::size_t number) {
  const std::string prefix = shard_tensor_name(number, "");
  const auto next = files.lower_bound(prefix);
  return next != files.end() && next->first.starts_with(prefix);
}

/// A tensor of the length of the slice is a slice of a saved one.
void copy_saved(const at::Tensor& saved, const NamedTensor& parameter, const ParameterSlices& slices,
                const at::Tensor& tensor) {
  const auto slice = slices.find(parameter.name);
  const bool is_slice = slice != slices.end() && tensor.sizes() == parameter.tensor.sizes();
  const std::vector<std::int64_t> expected = is_slice ? slice->second.shape : tensor.sizes().vec();
  if (saved.sizes() != expected) {
    throw Error(fmt::format("has shape [{}], expected [{}]; the checkpoint is of another model",
                            fmt::join(saved.sizes(), ", "), fmt::join(expected, ", ")));
  }
  tensor.copy_(is_slice ? saved.view({-1}).narrow(0, slice->second.begin, tensor.numel()) : saved);
}

}  // namespace

std::string optimizer_shard_name(std::size_t index, std::size_t count) {
  return fmt::format("optimizer-{:05}-of-{:05}.safetensors", index + 1, count);
}

std::string shard_tensor_name(std::size_t number, const std::string& name) {
  return fmt::format("{}/{}", number, name);
}

void read_optimizer_shards(const fs::path& folder, Optimizer& optimizer, const ParameterSlices& slices) {
  const at::NoGradGuard no_grad;
  const std::map<std::string, File> files = open_shards(folder);
  const OptimizerState state = OptimizerState::of(optimizer);
  std::size_t number = 0;
  for (std::size_t g = 0; g < state.groups.size(); ++g) {
    for (std::size_t i = 0; i < state.groups[g].parameters.size(); ++i, ++number) {
      if (!has_state(files, number)) continue;
      const NamedTensor& parameter = optimizer.setup().groups[g].parameters[i];
      for (const auto& [name, tensor] : state.groups[g].parameters[i]) {
        const std::string key = shard_tensor_name(number, name);
        const auto file = files.find(key);
        try {
          if (file == files.end()) {
            throw Error(
                "missing; it is the state of another optimizer; resume with the one that wrote it (optim and "
                "optim_args in [train])");
          }
          copy_saved(file->second->tensor(key), parameter, slices, tensor);
          file->second->give_back(key);
        } catch (const Error& error) {
          throw Error(fmt::format("{}: tensor '{}' of the optimizer, of {}: {}", folder.string(), key,
                                  parameter.name, error.what()));
        }
      }
    }
  }
}

}  // namespace sift
