#include <fmt/format.h>

#include <iterator>
#include <string_view>
#include <utility>

#include <sift/error.h>
#include "formats/json_fields.h"
#include "formats/json_text.h"
#include "formats/model_files.h"
#include "formats/safetensors.h"

namespace sift {
namespace {

/// The name of a tensor of an image-text model in its language model alone; empty if it is not part of that.
/// Files have one prefix or the other, depending on the version of transformers that wrote them.
std::string name_alone(const std::string& name) {
  constexpr std::string_view kOuter = "language_model.", kInner = "model.language_model.";
  if (name.starts_with(kOuter)) return name.substr(kOuter.size());
  if (name.starts_with(kInner)) return "model." + name.substr(kInner.size());
  return name.starts_with("lm_head.") ? name : std::string();
}

}  // namespace

ModelTensors::ModelTensors(const std::filesystem::path& folder) {
  const std::filesystem::path index = folder / kWeightsIndexFile;
  const std::filesystem::path single = folder / kWeightsFile;
  if (std::filesystem::exists(single)) {
    const auto file = std::make_shared<const SafetensorsFile>(single);
    for (const std::string& name : file->names()) places_[name] = {file, name};
  } else if (std::filesystem::exists(index)) {
    open_shards(folder, index);
  } else if (std::filesystem::exists(folder / kPickledWeightsFile) ||
             std::filesystem::exists(folder / kPickledWeightsIndexFile)) {
    throw Error(
        fmt::format("{}: has its weights in pytorch_model.bin, which can execute code when it is loaded; "
                    "convert it to model.safetensors with transformers' save_pretrained",
                    folder.string()));
  } else {
    throw Error(fmt::format("{}: neither model.safetensors nor model.safetensors.index.json exists",
                            folder.string()));
  }
  keep_language_model();
}

void ModelTensors::keep_language_model() {
  std::map<std::string, Place> kept;
  bool is_part = false;
  for (const auto& [name, place] : places_) {
    const std::string own_name = name_alone(name);
    is_part = is_part || (own_name != name && !own_name.empty());
    if (!own_name.empty()) kept.emplace(own_name, place);
  }
  if (!is_part) return;
  num_left_out_ = std::ssize(places_) - std::ssize(kept);
  places_ = std::move(kept);
}

std::vector<std::int64_t> ModelTensors::shape(const std::string& name) const {
  const Place& place = places_.at(name);
  return place.file->shape(place.name);
}

at::Tensor ModelTensors::tensor(const std::string& name) const {
  const Place& place = places_.at(name);
  return place.file->tensor(place.name);
}

void ModelTensors::give_back(const std::string& name) const {
  const Place& place = places_.at(name);
  place.file->give_back(place.name);
}

void ModelTensors::rename(const std::string& from, const std::string& to) {
  auto place = places_.extract(from);
  place.key() = to;
  places_.insert(std::move(place));
}

void ModelTensors::open_shards(const std::filesystem::path& folder, const std::filesystem::path& index) {
  const nlohmann::ordered_json json = read_json_file<nlohmann::ordered_json>(index);
  const JsonFields fields(json, index.string());
  const auto& weight_map = fields.at("weight_map").object();

  std::map<std::string, std::shared_ptr<const SafetensorsFile>> shards;
  for (const auto& [tensor, file] : weight_map.items()) {
    if (!file.is_string()) {
      throw Error(fmt::format("{}: tensor '{}': its file name is not a string", index.string(), tensor));
    }
    const std::string name = file.get<std::string>();
    if (name.empty() || std::filesystem::path(name).filename() != name || name == "." || name == "..") {
      throw Error(fmt::format("{}: tensor '{}': '{}' is not the name of a file in this folder",
                              index.string(), tensor, name));
    }
    auto& shard = shards[name];
    if (!shard) shard = std::make_shared<const SafetensorsFile>(folder / name);
    if (!shard->contains(tensor)) {
      throw Error(fmt::format("{}: tensor '{}' is listed in '{}', which does not contain it", index.string(),
                              tensor, name));
    }
    places_[tensor] = {shard, tensor};
  }
  for (const auto& [name, shard] : shards) {
    for (const std::string& tensor : shard->names()) {
      const auto found = places_.find(tensor);
      if (found == places_.end() || found->second.file != shard) {
        throw Error(fmt::format("{}: tensor '{}' of '{}' is not listed there", index.string(), tensor, name));
      }
    }
  }
}

std::vector<std::string> ModelTensors::names() const {
  std::vector<std::string> names;
  for (const auto& [name, place] : places_) names.push_back(name);
  return names;
}

}  // namespace sift
