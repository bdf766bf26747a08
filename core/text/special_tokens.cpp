#include "text/special_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include <sift/error.h>
#include "formats/json_fields.h"
#include "formats/model_files.h"
#include "text/tokenizer/added_token_json.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;
using text::AddedToken;
using NamedTokens = std::vector<std::pair<std::string, AddedToken>>;

constexpr const char* kStandardNames[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                          "pad_token", "cls_token", "mask_token"};
constexpr const char* kDecoder = "added_tokens_decoder";
constexpr const char* kExtra = "extra_special_tokens";
constexpr const char* kAdditional = "additional_special_tokens";  // the older name of kExtra

bool is_standard(const std::string& name) {
  return std::ranges::any_of(kStandardNames, [&](const char* standard) { return name == standard; });
}

AddedToken special_token(std::string content) {
  AddedToken token;
  token.content = std::move(content);
  token.special = true;
  token.normalized = false;
  return token;
}

/// A token is written as its text, or as an object with its flags.
AddedToken token_of(const JsonFields& node) {
  if (node.value().is_string()) return special_token(node.text());
  if (node.value().is_object()) return text::read_added_token(node);
  node.refuse("expected the text of a token, or an object with its content");
}

/// A token with a name is special, and where its object has no `normalized`, that follows.
void make_special(AddedToken& token, const JsonFields& node) {
  token.special = true;
  if (node.value().is_object()) token.normalized = node.flag_or("normalized", false);
}

AddedToken named_token(const JsonFields& node) {
  AddedToken token = token_of(node);
  make_special(token, node);
  return token;
}

/// An object without its type is no token to transformers.
bool is_token(const Json& value) {
  return value.is_string() || (value.is_object() && value.value("__type", Json()) == "AddedToken");
}

/// The files as one object: tokenizer_config.json and, where that has no added_tokens_decoder, the entries of
/// special_tokens_map.json. Lists of extra tokens are under kExtra; tokens with names there are in `named`.
struct Settings {
  explicit Settings(const TextFiles& files);
  void merge(const Json& map);
  void take_named();
  void use_new_name(bool over_empty);
  JsonFields fields() const { return JsonFields(json, file); }

  Json json;
  Json named = Json::object();
  std::string file;
};

Settings::Settings(const TextFiles& files)
    : json(files.object(kTokenizerConfigFile)), file(files.path_of(kTokenizerConfigFile)) {
  use_new_name(/*over_empty=*/true);
  take_named();
  if (!json.contains(kDecoder) && files.has(kSpecialTokensMapFile)) {
    file += " with " + files.path_of(kSpecialTokensMapFile);
    merge(files.object(kSpecialTokensMapFile));
    take_named();
  }
  use_new_name(/*over_empty=*/false);
}

void Settings::use_new_name(bool over_empty) {
  if (!json.contains(kAdditional)) return;
  if (!json.contains(kExtra) || (over_empty && json[kExtra].empty())) json[kExtra] = json[kAdditional];
}

void Settings::take_named() {
  const auto extra = json.find(kExtra);
  if (extra == json.end() || !extra->is_object()) return;
  named.update(*extra);
  json.erase(extra);
}

void Settings::merge(const Json& map) {
  for (const auto& [key, value] : map.items()) {
    if (key == kExtra && value.is_array() && json.contains(kExtra) && json[kExtra].is_array()) {
      for (const Json& token : value) json[kExtra].push_back(token);
      continue;
    }
    json[key] = value;
    if (value.is_object() && key != kExtra) json[key].update({{"__type", "AddedToken"}, {"special", true}});
  }
}

NamedTokens named_tokens(const Settings& settings, const TokenizerClass& tokenizer_class) {
  NamedTokens tokens;
  const JsonFields fields = settings.fields();
  for (const char* name : kStandardNames) {
    const auto fallback = tokenizer_class.default_tokens.find(name);
    if (const auto node = fields.find(name)) {
      AddedToken token = named_token(*node);
      if (!token.content.empty()) tokens.emplace_back(name, std::move(token));
    } else if (!settings.json.contains(name) && fallback != tokenizer_class.default_tokens.end()) {
      tokens.emplace_back(name, special_token(fallback->second));  // a null means none
    }
  }
  for (const auto& [name, value] : settings.json.items()) {
    if (name.ends_with("_token") && !is_standard(name) && is_token(value))
      tokens.emplace_back(name, named_token(fields.at(name)));
  }
  for (const auto& [name, text] : tokenizer_class.default_tokens) {
    if (!is_standard(name) && !settings.json.contains(name)) tokens.emplace_back(name, special_token(text));
  }
  const JsonFields named(settings.named, settings.file, kExtra);
  for (const auto& [name, unused] : settings.named.items())
    tokens.emplace_back(name, named_token(named.at(name)));
  return tokens;
}

std::vector<AddedToken> extra_tokens(const Settings& settings, const std::set<std::string>& named_texts) {
  std::vector<AddedToken> tokens;
  const auto extra = settings.fields().find(kExtra);
  if (!extra) return tokens;
  for (const JsonFields& node : extra->elements()) {
    tokens.push_back(token_of(node));
    if (named_texts.contains(tokens.back().content)) make_special(tokens.back(), node);
  }
  return tokens;
}

std::int64_t id_of(const JsonFields& decoder, const std::string& key) {
  std::int64_t id = 0;
  const char* end = key.data() + key.size();
  const auto [stop, error] = std::from_chars(key.data(), end, id);
  if (error != std::errc() || stop != end || id < 0) decoder.fail(key, "expected ids as keys");
  return id;
}

/// By id: those of tokenizer_config.json or, where it has none, those of added_tokens.json and
/// tokenizer.json.
std::map<std::int64_t, AddedToken> tokens_by_id(const TextFiles& files, const Settings& settings,
                                                const std::set<std::string>& special,
                                                const std::vector<AddedToken>& own) {
  std::map<std::int64_t, AddedToken> tokens;
  if (settings.json.contains(kDecoder)) {
    const auto decoder = settings.fields().find(kDecoder);
    if (!decoder) return tokens;
    for (const auto& [key, unused] : decoder->object().items())
      tokens[id_of(*decoder, key)] = text::read_added_token(decoder->at(key));
    return tokens;
  }
  const Json added = files.object(kAddedTokensFile);
  const JsonFields fields(added, files.path_of(kAddedTokensFile));
  for (const auto& [content, unused] : added.items()) {
    AddedToken token = special_token(content);
    token.special = special.contains(content);
    token.normalized = !token.special;
    tokens[fields.count(content)] = std::move(token);
  }
  for (const AddedToken& token : own) tokens[token.id] = token;
  return tokens;
}

}  // namespace

SpecialTokens read_special_tokens(const TextFiles& files, const TokenizerClass& tokenizer_class,
                                  const std::vector<AddedToken>& own) {
  const Settings settings(files);
  const NamedTokens named = named_tokens(settings, tokenizer_class);
  SpecialTokens result;
  std::set<std::string> named_texts;
  for (const auto& [name, token] : named) {
    result.named[name] = token.content;
    named_texts.insert(token.content);
  }
  const std::vector<AddedToken> extra = extra_tokens(settings, named_texts);
  std::set<std::string> special = named_texts;
  for (const AddedToken& token : extra) special.insert(token.content);

  std::set<std::string> known, own_texts;
  for (const AddedToken& token : own) own_texts.insert(token.content);
  if (!tokenizer_class.leaves_added_tokens) known = own_texts;
  for (auto& [id, token] : tokens_by_id(files, settings, special, own)) {
    token.special = token.special || named_texts.contains(token.content);
    known.insert(token.content);
    result.added.push_back(std::move(token));
  }
  // what is named again with other flags gets those
  std::vector<AddedToken> seen;
  const auto add_new = [&](const AddedToken& token) {
    if (known.contains(token.content) || std::ranges::find(seen, token) != seen.end()) return;
    seen.push_back(token);
    result.added.push_back(token);
  };
  for (const auto& [name, token] : named) add_new(token);
  for (const AddedToken& token : extra) add_new(token);
  if (tokenizer_class.resets_flags) {
    for (const std::string& content : special) result.added.push_back(special_token(content));
  }
  if (tokenizer_class.adds_again) {
    for (const auto& [name, token] : named) {
      if (!known.contains(token.content)) result.added.push_back(token);
    }
    for (const AddedToken& token : extra) {
      result.added.push_back(token);
      result.added.back().special = true;
    }
  }
  for (const AddedToken& token : result.added) {
    const bool is_default = std::ranges::any_of(tokenizer_class.default_tokens, [&](const auto& entry) {
      return entry.second == token.content && !settings.json.contains(entry.first);
    });
    if (!own_texts.contains(token.content) && !is_default) result.from_files.insert(token.content);
  }
  return result;
}

}  // namespace sift
