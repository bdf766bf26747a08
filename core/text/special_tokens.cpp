#include "text/special_tokens.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "formats/json_fields.h"
#include "formats/model_files.h"
#include "text/tokenizer/added_token_json.h"
#include "text/tokenizer_settings.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;
using text::AddedToken;
/// In the order of adding. A name without a token keeps its place.
using NamedTokens = std::vector<std::pair<std::string, AddedToken>>;

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
AddedToken named_token(const JsonFields& node) {
  AddedToken token = token_of(node);
  token.special = true;
  if (node.value().is_object()) token.normalized = node.flag_or("normalized", false);
  return token;
}

/// An object without its type is no token to transformers.
bool is_token(const Json& value) {
  return value.is_string() || (value.is_object() && value.value("__type", Json()) == "AddedToken");
}

void set_token(NamedTokens& tokens, const std::string& name, AddedToken token) {
  const auto found = std::ranges::find(tokens, name, &NamedTokens::value_type::first);
  if (found == tokens.end()) {
    tokens.emplace_back(name, std::move(token));
  } else {
    found->second = std::move(token);
  }
}

NamedTokens named_tokens(const TokenizerSettings& settings, const TokenizerClass& tokenizer_class) {
  NamedTokens tokens;
  for (const char* name : kStandardTokenNames) tokens.emplace_back(name, AddedToken());
  const auto set_default = [&](const std::string& name, const std::string& text) {
    set_token(tokens, name, settings.json.contains(name) ? AddedToken() : special_token(text));
  };
  for (const auto& [name, text] : tokenizer_class.default_tokens) set_default(name, text);
  for (const auto& [name, text] : tokenizer_class.infilling_tokens) set_default(name, text);
  for (const auto& [name, value] : settings.json.items()) {
    if (value.is_null()) continue;  // means none
    if (is_standard_token_name(name) || (name.ends_with("_token") && is_token(value)))
      set_token(tokens, name, named_token(settings.fields().at(name)));
  }
  const JsonFields named(settings.named, settings.file);
  for (const auto& [name, unused] : settings.named.items())
    set_token(tokens, name, named_token(named.at(name)));
  return tokens;
}

std::set<std::string> texts_of(const NamedTokens& tokens) {
  std::set<std::string> texts;
  for (const auto& [name, token] : tokens) texts.insert(token.content);
  return texts;
}

std::vector<AddedToken> extra_tokens(const TokenizerSettings& settings,
                                     const std::set<std::string>& named_texts, bool all_special) {
  std::vector<AddedToken> tokens;
  const auto extra = settings.fields().find(kExtraTokens);
  if (!extra) return tokens;
  for (const JsonFields& node : extra->elements()) {
    tokens.push_back(token_of(node));
    if (all_special || named_texts.contains(tokens.back().content)) tokens.back() = named_token(node);
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

/// Those of tokenizer_config.json or, where it has none, those of added_tokens.json and tokenizer.json.
struct ListedTokens {
  void set(std::int64_t id, const AddedToken& token) {
    by_id[id] = token;
    by_text[token.content] = token;
  }
  std::map<std::int64_t, AddedToken> by_id;
  std::map<std::string, AddedToken> by_text;  ///< also those whose id another one took
};

ListedTokens listed_tokens(const TextFiles& files, const TokenizerSettings& settings,
                           const std::set<std::string>& named_texts, const std::vector<AddedToken>& own) {
  ListedTokens tokens;
  if (settings.json.contains(kAddedTokensDecoder)) {
    const auto decoder = settings.fields().find(kAddedTokensDecoder);
    if (!decoder) return tokens;
    for (const auto& [key, unused] : decoder->object().items()) {
      const JsonFields node = decoder->at(key);
      const AddedToken token = text::read_added_token(node);
      tokens.set(id_of(*decoder, key), named_texts.contains(token.content) ? named_token(node) : token);
    }
    return tokens;
  }
  const auto set = [&](std::int64_t id, AddedToken token) {
    token.special = token.special || named_texts.contains(token.content);
    tokens.set(id, token);
  };
  const Json added = files.object(kAddedTokensFile);
  const JsonFields fields(added, files.path_of(kAddedTokensFile));
  for (const auto& [content, unused] : added.items()) {
    AddedToken token = special_token(content);
    token.special = settings.special_texts.contains(content);
    token.normalized = !token.special;
    set(fields.count(content), std::move(token));
  }
  for (const AddedToken& token : own) set(token.id, token);
  return tokens;
}

/// As templates see them.
std::map<std::string, std::string> named_texts_of(const TokenizerSettings& settings,
                                                  const TokenizerClass& tokenizer_class,
                                                  const NamedTokens& named) {
  std::map<std::string, std::string> texts;
  for (const auto& [name, token] : named) {
    if (!token.content.empty()) texts[name] = token.content;
  }
  if (!tokenizer_class.fills_in) return texts;
  // the class adds the text that the config has, but goes by its own
  const Json fill = settings.json.value("fill_token", Json(tokenizer_class.infilling_tokens.back().second));
  texts.erase("fill_token");
  if (!fill.is_null()) texts["fill_token"] = token_of(JsonFields(fill, settings.file, "fill_token")).content;
  return texts;
}

/// The flags of the lists count before those beside a standard name.
void use_listed_flags(NamedTokens& named, const TokenizerSettings& settings, const ListedTokens& listed) {
  for (auto& [name, token] : named) {
    const auto found = listed.by_text.find(token.content);
    if (found != listed.by_text.end() && is_standard_token_name(name) && settings.json.contains(name) &&
        !settings.named.contains(name)) {
      token = found->second;
    }
  }
}

/// Whether the class has the token where no file names another.
bool is_default(const std::string& content, const TokenizerSettings& settings,
                const TokenizerClass& tokenizer_class) {
  const auto is = [&](const auto& entry) {
    return entry.second == content && !settings.json.contains(entry.first) &&
           !settings.named.contains(entry.first);
  };
  return std::ranges::any_of(tokenizer_class.default_tokens, is) ||
         std::ranges::any_of(tokenizer_class.infilling_tokens, is);
}

}  // namespace

SpecialTokens read_special_tokens(const TextFiles& files, const TokenizerClass& tokenizer_class,
                                  const std::vector<AddedToken>& own) {
  const TokenizerSettings settings(files, tokenizer_class);
  NamedTokens named = named_tokens(settings, tokenizer_class);
  const std::set<std::string> named_texts = texts_of(named);
  const std::vector<AddedToken> extra = extra_tokens(settings, named_texts, /*all_special=*/false);
  const ListedTokens listed = listed_tokens(files, settings, named_texts, own);

  SpecialTokens result;
  result.named = named_texts_of(settings, tokenizer_class, named);
  use_listed_flags(named, settings, listed);
  std::set<std::string> known, own_texts;
  for (const AddedToken& token : own) own_texts.insert(token.content);
  if (!tokenizer_class.leaves_added_tokens) known = own_texts;
  for (const auto& [id, token] : listed.by_id) {
    known.insert(token.content);
    result.added.push_back(token);
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
    for (const auto& [name, token] : named) result.added.push_back(special_token(token.content));
    for (const AddedToken& token : extra) result.added.push_back(special_token(token.content));
  }
  if (tokenizer_class.adds_again) {
    for (const auto& [name, token] : named) result.added.push_back(token);
    for (AddedToken& token : extra_tokens(settings, named_texts, /*all_special=*/true))
      result.added.push_back(std::move(token));
  }
  std::erase_if(result.added, [](const AddedToken& token) { return token.content.empty(); });
  for (const AddedToken& token : result.added) {
    if (!own_texts.contains(token.content) && !is_default(token.content, settings, tokenizer_class))
      result.from_files.insert(token.content);
  }
  return result;
}

}  // namespace sift
