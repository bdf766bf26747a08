#include <fmt/format.h>

#include <set>
#include <system_error>

#include <sift/error.h>
#include "base/durable.h"
#include "formats/model_files.h"
#include "formats/safetensors.h"
#include "model/decoder/decoder.h"
#include "model/weights/quantized_tensors.h"

namespace sift {
namespace {

using Shard = std::vector<NamedTensor>;

void write_json(const std::filesystem::path& path, const nlohmann::ordered_json& json) {
  write_durably(path, json.dump(2, ' ', true) + "\n");
}

/// Tensors in their order; a new shard begins when the next tensor would exceed the limit.
std::vector<Shard> split(const std::vector<NamedTensor>& tensors, std::int64_t max_shard_bytes) {
  std::vector<Shard> shards(1);
  std::int64_t bytes = 0;
  for (const auto& [name, tensor] : tensors) {
    const auto size = static_cast<std::int64_t>(tensor.nbytes());
    if (!shards.back().empty() && bytes + size > max_shard_bytes) {
      shards.emplace_back();
      bytes = 0;
    }
    shards.back().push_back({name, tensor});
    bytes += size;
  }
  return shards;
}

/// The parameters as files store them.
std::vector<NamedTensor> file_tensors(const Decoder& model) {
  std::vector<NamedTensor> tensors;
  const std::vector<ParameterSpec> specs = parameter_specs(model.config());
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const at::Tensor values = model.parameters()[i].tensor.detach();
    if (const auto& quantized = model.parameters()[i].quantized) {
      for (NamedTensor& part : quantized_tensors(specs[i].name, *quantized))
        tensors.push_back(std::move(part));
      continue;
    }
    for (const FileTensor& part : specs[i].file_tensors()) tensors.push_back({part.name, part.of(values)});
  }
  return tensors;
}

nlohmann::ordered_json config_json(const Decoder& model) {
  nlohmann::ordered_json json = model.config().raw;
  json.erase("torch_dtype");
  const std::string dtype = c10::toString(model.parameters().front().tensor.scalar_type());
  json["dtype"] = dtype == "Float"      ? "float32"
                  : dtype == "BFloat16" ? "bfloat16"
                  : dtype == "Half"     ? "float16"
                                        : "float64";
  json["model_type"] = model.config().model_type;
  if (!json.contains("architectures")) json["architectures"] = {model.config().architecture};
  return json;
}

/// Otherwise a reader could find the weights of an earlier save beside those of this one.
void remove_stale(const std::filesystem::path& folder, const std::set<std::string>& written) {
  std::vector<std::filesystem::path> stale;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (is_weights_file(name) && written.count(name) == 0) stale.push_back(entry.path());
  }
  for (const auto& path : stale) std::filesystem::remove(path);
}

}  // namespace

void save_model_config(const Decoder& model, const std::filesystem::path& folder,
                       const std::map<std::string, std::string>& weight_map) {
  std::set<std::string> files;
  for (const auto& [tensor, file] : weight_map) files.insert(file);
  if (files.size() > 1) {
    nlohmann::ordered_json index;
    std::size_t total_bytes = 0;
    for (const Parameter& parameter : model.parameters()) total_bytes += parameter.tensor.nbytes();
    index["metadata"]["total_parameters"] = model.num_parameters();
    index["metadata"]["total_size"] = total_bytes;
    index["weight_map"] = weight_map;
    write_json(folder / kWeightsIndexFile, index);
  }
  write_json(folder / kModelConfigFile, config_json(model));
}

void save_model(const Decoder& model, const std::filesystem::path& folder, std::int64_t max_shard_bytes) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) throw Error(fmt::format("{}: cannot be created: {}", folder.string(), failure.message()));

  const std::map<std::string, std::string> metadata = {{"format", "pt"}};
  const std::vector<Shard> shards = split(file_tensors(model), max_shard_bytes);
  std::set<std::string> written;
  std::map<std::string, std::string> weight_map;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const std::string name = shards.size() == 1 ? kWeightsFile : shard_name(i, shards.size());
    write_safetensors(folder / name, shards[i], metadata);
    written.insert(name);
    for (const auto& [tensor, values] : shards[i]) weight_map[tensor] = name;
  }
  if (shards.size() > 1) written.insert(kWeightsIndexFile);
  save_model_config(model, folder, weight_map);
  remove_stale(folder, written);
}

}  // namespace sift
