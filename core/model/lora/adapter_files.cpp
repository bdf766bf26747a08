#include "model/lora/adapter_files.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include <sift/error.h>
#include "base/durable.h"
#include "base/fault_list.h"
#include "formats/model_files.h"
#include "formats/safetensors.h"
#include "model/lora/adapter.h"
#include "model/lora/adapter_config.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

const at::Tensor& parameter_named(const Decoder& model, const std::string& name) {
  return std::ranges::find(model.parameters(), name, &Parameter::name)->tensor;
}

std::string fault_of(const SafetensorsFile& file, const AdapterParameter& expected) {
  if (!file.contains(expected.file_name)) return fmt::format("'{}' is missing", expected.file_name);
  const std::vector<std::int64_t> shape = file.shape(expected.file_name);
  if (shape == expected.shape) return {};
  return fmt::format("'{}' has shape [{}], expected [{}]", expected.file_name, fmt::join(shape, ", "),
                     fmt::join(expected.shape, ", "));
}

/// PEFT saves the frozen table with an adapter on embed_tokens, too.
bool is_frozen_table(const SafetensorsFile& file, const std::string& name, const Decoder& model) {
  for (const std::string table : {"model.embed_tokens", "lm_head"}) {
    if (name != "base_model.model." + table + ".base_layer.weight" &&
        name != "base_model.model." + table + ".weight")
      continue;
    const auto found = std::ranges::find(model.parameters(), table + ".weight", &Parameter::name);
    const bool is_tied = found == model.parameters().end();
    const at::Tensor& own = is_tied ? parameter_named(model, "model.embed_tokens.weight") : found->tensor;
    return at::equal(file.tensor(name).to(own.device(), own.scalar_type()), own.detach());
  }
  return false;
}

void check_tensors(const fs::path& path, const SafetensorsFile& file, const Decoder& model) {
  const Adapter& adapter = *model.adapter();
  std::vector<std::string> faults;
  std::set<std::string> known;
  for (const AdapterParameter& parameter : adapter.parameters()) {
    known.insert(parameter.file_name);
    if (std::string fault = fault_of(file, parameter); !fault.empty()) faults.push_back(std::move(fault));
  }
  for (const std::string& name : file.names()) {
    if (!known.contains(name) && !is_frozen_table(file, name, model))
      faults.push_back(fmt::format("'{}' is not part of this adapter", name));
  }
  if (faults.empty()) return;
  throw Error(fmt::format("{}: the adapter does not fit its configuration and the model: {}", path.string(),
                          listed_faults(faults)));
}

/// A difference here changes no shape, and would go unnoticed.
void check_config(const fs::path& folder, const Adapter& adapter) {
  if (!fs::exists(folder / kAdapterConfigFile)) return;
  const LoraOptions saved = read_adapter_config(folder).options;
  const LoraOptions& now = adapter.options();
  const auto check = [&](const char* name, const auto& old_value, const auto& new_value) {
    if (old_value == new_value) return;
    throw Error(fmt::format("{}: {} is {}, and {} in [lora] of this run; use the same",
                            (folder / kAdapterConfigFile).string(), name, old_value, new_value));
  };
  check("lora_alpha", saved.lora_alpha, now.lora_alpha);
  check("use_rslora", saved.use_rslora, now.use_rslora);
  check("use_dora", saved.use_dora, now.use_dora);
  check("alpha_pattern", to_toml(saved.alpha_pattern), to_toml(now.alpha_pattern));
  check("trainable_token_indices", to_toml(saved.trainable_token_indices),
        to_toml(now.trainable_token_indices));
  check("init_lora_weights = \"pissa\"", saved.init_lora_weights == "pissa",
        now.init_lora_weights == "pissa");
}

}  // namespace

void save_adapter(const Decoder& model, const std::string& base, const fs::path& folder) {
  const Adapter& adapter = *model.adapter();
  fs::create_directories(folder);
  std::vector<NamedTensor> tensors;
  for (const AdapterParameter& parameter : adapter.parameters())
    tensors.push_back({parameter.file_name, parameter_named(model, parameter.name).detach()});
  write_safetensors(folder / kAdapterWeightsFile, tensors, {{"format", "pt"}});
  write_durably(folder / kAdapterConfigFile, adapter_config_json(adapter, base).dump(2));
}

void load_adapter(const fs::path& folder, const Decoder& model) {
  const fs::path path = folder / kAdapterWeightsFile;
  if (!fs::exists(path)) {
    throw Error(fmt::format(
        "{}: has no {}: it is no adapter of Sift or PEFT, or of a run without [lora]; remove that "
        "section to go on with such a run",
        folder.string(), kAdapterWeightsFile));
  }
  const Adapter& adapter = *model.adapter();
  check_config(folder, adapter);
  const SafetensorsFile file(path);
  check_tensors(path, file, model);
  const at::NoGradGuard no_grad;
  for (const AdapterParameter& parameter : adapter.parameters())
    parameter_named(model, parameter.name).detach().copy_(file.tensor(parameter.file_name));
}

}  // namespace sift
