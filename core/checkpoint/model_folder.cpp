#include "checkpoint/model_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include <sift/error.h>
#include "base/durable.h"
#include "formats/json_text.h"
#include "formats/model_files.h"
#include "model/generate/generation_config.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

void copy_if_there(const fs::path& from, const fs::path& to) {
  if (!fs::exists(from)) return;
  std::error_code error;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (error)
    throw Error(fmt::format("{}: cannot copy to {}: {}", from.string(), to.string(), error.message()));
}

/// generation_config.json of the source with the trained eos token as an additional stop token, as TRL's
/// align_special_tokens does, so that generation stops at a new end-of-turn token.
void write_generation_config(const Decoder& model, const ModelFolderSource& source, const fs::path& folder) {
  Json json = read_generation_config(source.model);
  std::vector<std::int64_t> stops = stop_token_ids(json).value_or(model.config().eos_token_ids);
  if (const auto eos = source.eos_token_id) {
    if (std::ranges::find(stops, *eos) == stops.end()) stops.insert(stops.begin(), *eos);
  }
  if (stops.size() == 1) json["eos_token_id"] = stops.front();
  if (stops.size() > 1) json["eos_token_id"] = stops;
  write_durably(folder / kGenerationConfigFile, json.dump(2) + "\n");
}

void apply_text_overrides(const ModelFolderSource& source, const fs::path& folder) {
  if (!source.chat_template_path.empty())
    copy_if_there(source.chat_template_path, folder / kChatTemplateFile);
  if (!source.eos_token.empty()) {
    Json json = read_object_or_empty<Json>(folder / kTokenizerConfigFile);
    json["eos_token"] = source.eos_token;
    write_durably(folder / kTokenizerConfigFile, json.dump(2) + "\n");
  }
}

}  // namespace

void write_model_folder(const Decoder& model, const ModelFolderSource& source, const fs::path& folder) {
  save_model(model, folder);
  for (const char* name : kTokenizerFiles) copy_if_there(source.model / name, folder / name);
  write_generation_config(model, source, folder);
  apply_text_overrides(source, folder);
}

}  // namespace sift
