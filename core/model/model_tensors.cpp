#include <fmt/format.h>

#include <set>

#include "api/error.h"
#include "model/json_fields.h"
#include "model/safetensors.h"

namespace sift {

ModelTensors::ModelTensors(const std::filesystem::path& folder) {
  const std::filesystem::path index = folder / "model.safetensors.index.json";
  const std::filesystem::path single = folder / "model.safetensors";
  if (std::filesystem::exists(single)) {
    const auto file = std::make_shared<const SafetensorsFile>(single);
    for (const std::string& name : file->names()) file_of_[name] = file;
  } else if (std::filesystem::exists(index)) {
    open_shards(folder, index);
  } else if (std::filesystem::exists(folder / "pytorch_model.bin") ||
             std::filesystem::exists(folder / "pytorch_model.bin.index.json")) {
    throw Error(
        fmt::format("{}: has its weights as pytorch_model.bin, which can run code when it is read; convert "
                    "it to model.safetensors with transformers' save_pretrained",
                    folder.string()));
  } else {
    throw Error(fmt::format("{}: neither model.safetensors nor model.safetensors.index.json is there",
                            folder.string()));
  }
}

void ModelTensors::open_shards(const std::filesystem::path& folder, const std::filesystem::path& index) {
  const nlohmann::ordered_json json = read_json_file(index);
  const JsonFields fields(json, index.string());
  const auto& weight_map = fields.value("weight_map");
  if (!weight_map.is_object()) fields.fail("weight_map", "expected an object of tensor names and file names");

  std::map<std::string, std::shared_ptr<const SafetensorsFile>> shards;
  for (const auto& [tensor, file] : weight_map.items()) {
    if (!file.is_string()) {
      throw Error(fmt::format("{}: tensor '{}': its file is not a text", index.string(), tensor));
    }
    const std::string name = file.get<std::string>();
    if (name.empty() || std::filesystem::path(name).filename() != name || name == "." || name == "..") {
      throw Error(fmt::format("{}: tensor '{}': '{}' is not the name of a file in this folder",
                              index.string(), tensor, name));
    }
    auto& shard = shards[name];
    if (!shard) shard = std::make_shared<const SafetensorsFile>(folder / name);
    if (!shard->contains(tensor)) {
      throw Error(fmt::format("{}: tensor '{}' is listed in '{}', which does not hold it", index.string(),
                              tensor, name));
    }
    file_of_[tensor] = shard;
  }
  for (const auto& [name, shard] : shards) {
    for (const std::string& tensor : shard->names()) {
      const auto found = file_of_.find(tensor);
      if (found == file_of_.end() || found->second != shard) {
        throw Error(fmt::format("{}: tensor '{}' of '{}' is not listed there", index.string(), tensor, name));
      }
    }
  }
}

std::vector<std::string> ModelTensors::names() const {
  std::vector<std::string> names;
  for (const auto& [name, file] : file_of_) names.push_back(name);
  return names;
}

}  // namespace sift
