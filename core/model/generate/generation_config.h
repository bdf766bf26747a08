#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

namespace sift {

/// generation_config.json of a model folder; an empty object if there is none or it is not JSON.
nlohmann::ordered_json read_generation_config(const std::filesystem::path& folder);

/// The tokens that end an answer: eos_token_id, one id or a list of them. Nothing if it names none.
std::optional<std::vector<std::int64_t>> stop_token_ids(const nlohmann::ordered_json& generation_config);

}  // namespace sift
