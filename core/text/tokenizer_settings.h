#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "formats/json_fields.h"
#include "text/text_files.h"
#include "text/tokenizer_class.h"

namespace sift {

inline constexpr const char* kStandardTokenNames[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                                      "pad_token", "cls_token", "mask_token"};
inline constexpr const char* kAddedTokensDecoder = "added_tokens_decoder";
inline constexpr const char* kExtraTokens = "extra_special_tokens";

bool is_standard_token_name(const std::string& name);

/// What transformers 5.24 hands to the tokenizer's class: tokenizer_config.json and, where that has no
/// added_tokens_decoder, the entries of special_tokens_map.json, which count before it.
struct TokenizerSettings {
  /// Throws Error for a file that is no JSON object.
  TokenizerSettings(const TextFiles& files, const TokenizerClass& tokenizer_class);

  JsonFields fields() const { return JsonFields(json, file); }

  /// Extra tokens are a list under kExtraTokens. Tokens of the map are objects as those of the config.
  nlohmann::ordered_json json;
  /// By name, not in `json`: texts of names that are not standard, and tokens named under kExtraTokens. They
  /// count before `json` and come behind it.
  nlohmann::ordered_json named = nlohmann::ordered_json::object();
  /// Tokens of added_tokens.json that are special. An object in tokenizer_config.json makes none so.
  std::set<std::string> special_texts;
  std::string file;  ///< as messages name it

 private:
  void use_new_name(bool over_empty);
  void take_texts();
  void take_named();
  void merge(const nlohmann::ordered_json& map);
  void find_special_texts();
  void add_infilling_tokens(const TokenizerClass& tokenizer_class);
};

}  // namespace sift
