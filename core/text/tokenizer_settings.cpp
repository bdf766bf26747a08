#include "text/tokenizer_settings.h"

#include <algorithm>
#include <vector>

#include "formats/model_files.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kAdditionalTokens = "additional_special_tokens";  // the older name of kExtraTokens

}  // namespace

bool is_standard_token_name(const std::string& name) {
  return std::ranges::any_of(kStandardTokenNames, [&](const char* standard) { return name == standard; });
}

TokenizerSettings::TokenizerSettings(const TextFiles& files, const TokenizerClass& tokenizer_class)
    : json(files.object(kTokenizerConfigFile)), file(files.path_of(kTokenizerConfigFile)) {
  use_new_name(/*over_empty=*/true);
  take_texts();
  take_named();
  if (!json.contains(kAddedTokensDecoder) && files.has(kSpecialTokensMapFile)) {
    file += " with " + files.path_of(kSpecialTokensMapFile);
    merge(files.object(kSpecialTokensMapFile));
    take_named();
  }
  find_special_texts();
  add_infilling_tokens(tokenizer_class);
  use_new_name(/*over_empty=*/false);
}

void TokenizerSettings::use_new_name(bool over_empty) {
  const auto extra = json.find(kExtraTokens);
  if (!json.contains(kAdditionalTokens) || (extra != json.end() && !(over_empty && extra->empty()))) return;
  json[kExtraTokens] = Json(json[kAdditionalTokens]);
  json.erase(kAdditionalTokens);
}

void TokenizerSettings::take_texts() {
  std::vector<std::string> names;
  for (const auto& [name, value] : json.items()) {
    if (name.ends_with("_token") && !is_standard_token_name(name) && value.is_string()) names.push_back(name);
  }
  for (const std::string& name : names) {
    named[name] = json[name];
    json.erase(name);
  }
}

void TokenizerSettings::take_named() {
  const auto extra = json.find(kExtraTokens);
  if (extra == json.end() || !extra->is_object()) return;
  named.update(*extra);
  json.erase(extra);
}

void TokenizerSettings::merge(const Json& map) {
  const auto typed = [&](const std::string& name, Json token) {
    if (!token.is_object()) return token;
    token.update({{"__type", "AddedToken"}, {"special", true}});
    const bool counts = name == kExtraTokens || is_standard_token_name(name);
    if (counts && token.value("content", Json()).is_string()) special_texts.insert(token["content"]);
    return token;
  };
  for (const auto& [name, value] : map.items()) {
    if (name != kExtraTokens) {
      json[name] = typed(name, value);
    } else if (!value.is_array()) {
      json[name] = value;
    } else {
      if (!json[name].is_array()) json[name] = Json::array();
      for (const Json& token : value) json[name].push_back(typed(name, token));
    }
  }
}

void TokenizerSettings::find_special_texts() {
  const auto take = [&](const Json& token) {
    if (token.is_string()) special_texts.insert(token.get<std::string>());
  };
  for (const char* name : kStandardTokenNames) take(json.value(name, Json()));
  const Json extra = json.value(kExtraTokens, Json());
  if (extra.is_array()) std::ranges::for_each(extra, take);
}

void TokenizerSettings::add_infilling_tokens(const TokenizerClass& tokenizer_class) {
  for (const auto& [name, text] : tokenizer_class.infilling_tokens) {
    const Json token = json.value(name, Json(text));
    if (!token.is_null()) json[kAdditionalTokens].push_back(token);
  }
}

}  // namespace sift
