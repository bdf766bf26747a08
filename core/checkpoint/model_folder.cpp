#include "checkpoint/model_folder.h"

#include <algorithm>
#include <vector>

#include "base/durable.h"
#include "formats/json_text.h"
#include "formats/model_files.h"
#include "model/generate/generation_config.h"
#include "model/lora/adapter_files.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

/// generation_config.json of the source with the tokens used in training, as TRL aligns them: eos as an
/// additional stop token, so that generation stops at a new end-of-turn token.
void write_generation_config(const Decoder& model, const ModelFolderSource& source, const fs::path& folder) {
  Json json = source.generation_config;
  std::vector<std::int64_t> stops = stop_token_ids(json).value_or(model.config().eos_token_ids);
  if (const auto eos = source.ids.eos) {
    if (std::ranges::find(stops, *eos) == stops.end()) stops.insert(stops.begin(), *eos);
  }
  if (stops.size() == 1) json["eos_token_id"] = stops.front();
  if (stops.size() > 1) json["eos_token_id"] = stops;
  if (source.ids.bos) json["bos_token_id"] = *source.ids.bos;
  if (source.ids.pad) json["pad_token_id"] = *source.ids.pad;
  write_durably(folder / kGenerationConfigFile, json.dump(2) + "\n");
}

/// Names the tokens of the run in a tokenizer file that has others or none.
void set_token(const fs::path& file, const char* name, const std::string& token) {
  if (token.empty()) return;
  Json json = read_object_or_empty<Json>(file);
  json[name] = token;
  write_durably(file, json.dump(2) + "\n");
}

void write_text_files(const ModelFolderSource& source, const fs::path& folder) {
  for (const auto& [name, content] : source.text->contents()) {
    const fs::path file = folder / name;
    fs::create_directories(file.parent_path());
    write_durably(file, content);
  }
  set_token(folder / kTokenizerConfigFile, "eos_token", source.eos_token);
  set_token(folder / kTokenizerConfigFile, "pad_token", source.pad_token);
  if (!source.text->has(kSpecialTokensMapFile)) return;
  set_token(folder / kSpecialTokensMapFile, "eos_token", source.eos_token);
  set_token(folder / kSpecialTokensMapFile, "pad_token", source.pad_token);
}

}  // namespace

ModelFolderSource ModelFolderSource::of(const fs::path& model, const TextProcessor& text) {
  ModelFolderSource source{model, text.files(), read_generation_config(model), text.special_token_ids(), {},
                           {}};
  if (source.ids.eos_was_chosen) source.eos_token = text.eos_token();
  if (!text.special_tokens().contains("pad_token")) source.pad_token = text.eos_token();
  return source;
}

void write_model_folder(const Decoder& model, const ModelFolderSource& source, const fs::path& folder) {
  if (model.adapter() != nullptr) {
    save_adapter(model, fs::absolute(source.model).lexically_normal().string(), folder);
    write_text_files(source, folder);
    return;
  }
  save_model(model, folder);
  write_text_files(source, folder);
  write_generation_config(model, source, folder);
}

void write_model_folder(const Decoder& model, const ModelFolderSource& source,
                        const std::map<std::string, std::string>& weight_map, const fs::path& folder) {
  save_model_config(model, folder, weight_map);
  write_text_files(source, folder);
  write_generation_config(model, source, folder);
}

}  // namespace sift
