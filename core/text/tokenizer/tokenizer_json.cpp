#include "text/tokenizer/tokenizer_json.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include <sift/error.h>
#include "formats/json_fields.h"
#include "text/tokenizer/added_token_json.h"
#include "text/tokenizer/pipeline_json.h"

namespace sift::text {
namespace {

std::int32_t read_id(const nlohmann::json& value, const SortedJsonFields& node, std::string_view token) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::numeric_limits<std::int32_t>::max()) {
    node.fail(
        fmt::format("the id of '{}' is {}, expected an integer from 0 to 2^31 - 1", token, value.dump()));
  }
  return value.get<std::int32_t>();
}

Vocab read_vocab(const SortedJsonFields& node) {
  Vocab vocab;
  vocab.reserve(node.object().size());
  for (const auto& [token, id] : node.object().items()) vocab.emplace(token, read_id(id, node, token));
  return vocab;
}

// A merge is ["a", "b"], or "a b" in files written before tokens could hold spaces.
std::pair<std::string, std::string> read_merge(const SortedJsonFields& merges, std::size_t index) {
  const nlohmann::json& value = merges.value()[index];
  if (value.is_string()) {
    const auto& line = value.get_ref<const std::string&>();
    const std::size_t space = line.find(' ');
    if (space != std::string::npos && line.find(' ', space + 1) == std::string::npos) {
      return {line.substr(0, space), line.substr(space + 1)};
    }
  } else if (value.is_array() && value.size() == 2 && value[0].is_string() && value[1].is_string()) {
    return {value[0].get<std::string>(), value[1].get<std::string>()};
  }
  merges.element(index).refuse("expected \"a b\" or [\"a\", \"b\"]");
}

std::vector<std::pair<std::string, std::string>> read_merges(const SortedJsonFields& node) {
  std::vector<std::pair<std::string, std::string>> merges;
  merges.reserve(node.size());
  for (std::size_t i = 0; i < node.size(); ++i) {
    const nlohmann::json& value = node.value()[i];
    if (value.is_string() && value.get_ref<const std::string&>().starts_with("#version")) continue;
    merges.push_back(read_merge(node, i));
  }
  return merges;
}

void require_empty(const SortedJsonFields& model, const std::string& key) {
  const std::string value = model.text_or(key, "");
  if (!value.empty())
    model.fail(fmt::format("{} '{}' is not supported; it must be null or empty", key, value));
}

Bpe read_model(const SortedJsonFields& model) {
  // Files from before models had a type are told by their merges.
  const bool has_merges = model.find("merges").has_value();
  const std::string type = model.text_or("type", has_merges ? "BPE" : "unknown");
  if (type != "BPE") model.fail_unsupported("model", type, "BPE");
  if (const auto dropout = model.find("dropout")) {
    if (dropout->number() != 0) dropout->refuse("BPE dropout is not supported: set it to null");
  }
  require_empty(model, "continuing_subword_prefix");
  require_empty(model, "end_of_word_suffix");
  BpeOptions options;
  options.vocab = read_vocab(model.at("vocab"));
  options.merges = read_merges(model.at("merges"));
  if (const auto unk = model.find("unk_token")) options.unk_token = unk->text();
  options.fuse_unk = model.flag_or("fuse_unk", false);
  options.byte_fallback = model.flag_or("byte_fallback", false);
  options.ignore_merges = model.flag_or("ignore_merges", false);
  return Bpe(std::move(options), model.where());
}

}  // namespace

std::vector<AddedToken> read_added_tokens(const nlohmann::json& document, const std::string& name) {
  const SortedJsonFields root(document, name);
  std::vector<AddedToken> tokens;
  const auto list = root.find("added_tokens");
  if (!list) return tokens;
  for (const SortedJsonFields& node : list->elements()) {
    AddedToken token = read_added_token(node);
    token.id = read_id(node.at("id").value(), node, token.content);
    tokens.push_back(std::move(token));
  }
  return tokens;
}

TokenizerParts read_tokenizer_json(const nlohmann::json& document, const std::string& name,
                                   const TokenChanges& changes) {
  const SortedJsonFields root(document, name);
  Bpe model = read_model(root.at("model"));
  const auto normalizer_node = root.find("normalizer");
  Normalizer normalizer = normalizer_node ? read_normalizer(*normalizer_node) : Normalizer();
  std::vector<AddedToken> own;
  if (!changes.leaves_own) own = read_added_tokens(document, name);
  TokenTable tokens(std::move(model), std::move(own), normalizer, name);
  for (const AddedToken& token : changes.added) tokens.add(token, normalizer);
  TokenizerParts parts{std::move(tokens), std::move(normalizer), {}, {}, {}, changes.fill_token};
  if (const auto node = root.find("pre_tokenizer")) parts.pre_tokenizer = read_pre_tokenizer(*node);
  if (const auto node = root.find("post_processor")) parts.post_processor = read_post_processor(*node);
  if (!changes.first.empty())
    parts.post_processor.add(Template{{parts.tokens.id(changes.first).value()}, {}});
  if (const auto node = root.find("decoder")) parts.decoder = read_decoder(*node);
  if (parts.pre_tokenizer.ends_in_byte_level() && parts.tokens.model().take_bytes()) {
    parts.pre_tokenizer.leave_bytes();
  }
  return parts;
}

}  // namespace sift::text
