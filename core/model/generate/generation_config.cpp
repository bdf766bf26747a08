#include "model/generate/generation_config.h"

#include <nlohmann/json.hpp>

#include "formats/json_text.h"
#include "formats/model_files.h"

namespace sift {

nlohmann::ordered_json read_generation_config(const std::filesystem::path& folder) {
  return read_object_or_empty<nlohmann::ordered_json>(folder / kGenerationConfigFile);
}

std::optional<std::vector<std::int64_t>> stop_token_ids(const nlohmann::ordered_json& generation_config) {
  const auto found = generation_config.find("eos_token_id");
  if (found == generation_config.end()) return std::nullopt;
  if (found->is_number_integer()) return std::vector{found->get<std::int64_t>()};
  if (!found->is_array()) return std::nullopt;
  std::vector<std::int64_t> ids;
  for (const auto& id : *found) {
    if (id.is_number_integer()) ids.push_back(id.get<std::int64_t>());
  }
  return ids;
}

}  // namespace sift
