#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace sift {

/// The class with which transformers' AutoTokenizer loads a folder, without its "Fast": `declared` is
/// `tokenizer_class` of tokenizer_config.json, or of config.json; `model_type` that of config.json. Each may
/// be empty. "TokenizersBackend" takes tokenizer.json as it is.
std::string tokenizer_class_of(std::string declared, std::string_view model_type,
                               const nlohmann::json& document);

/// Some classes of transformers take vocabulary, merges and post-processor from tokenizer.json alone and make
/// the rest themselves. Puts that rest in place of what `document`, a tokenizer.json, has; other classes
/// change nothing. `config` is tokenizer_config.json.
void rebuild_as_class(nlohmann::json& document, const std::string& class_name,
                      const nlohmann::ordered_json& config);

}  // namespace sift
