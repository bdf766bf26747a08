#pragma once

#include <nlohmann/json.hpp>

namespace sift {

/// The messages as templates see them: a message with its thinking under reasoning_content, thinking or
/// reasoning (the first of these that is not null) has it under reasoning_content, and under thinking if it
/// had nothing there. As _alias_reasoning_fields of transformers, with its order of keys.
nlohmann::ordered_json with_reasoning_fields(const nlohmann::ordered_json& messages);

}  // namespace sift
