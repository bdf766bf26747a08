#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace sift {

/// Some classes of transformers take vocabulary, merges and post-processor from tokenizer.json alone and make
/// the rest themselves. Puts that rest in place of what `document`, a tokenizer.json, has; other classes
/// change nothing. `config` is tokenizer_config.json, `tokens` are the special ones by name.
void rebuild_as_class(nlohmann::json& document, const std::string& class_name,
                      const nlohmann::ordered_json& config, const std::map<std::string, std::string>& tokens);

}  // namespace sift
