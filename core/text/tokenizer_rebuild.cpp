#include "text/tokenizer_rebuild.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace sift {
namespace {

using Node = nlohmann::json;
using Config = nlohmann::ordered_json;
using Tokens = std::map<std::string, std::string>;

constexpr const char* kMark = "\u2581";
constexpr const char* kQwen2Split =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kQwen35Split =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";

bool flag_of(const Config& config, const char* key, bool fallback) {
  const auto found = config.find(key);
  return found != config.end() && found->is_boolean() ? found->get<bool>() : fallback;
}

Node replace(const char* from, const char* to) {
  return {{"type", "Replace"}, {"pattern", {{"String", from}}}, {"content", to}};
}

Node byte_level(bool add_prefix_space, bool use_regex) {
  return {{"type", "ByteLevel"},
          {"add_prefix_space", add_prefix_space},
          {"trim_offsets", true},
          {"use_regex", use_regex}};
}

Node sequence(const char* key, Node steps) {
  return {{"type", "Sequence"}, {key, std::move(steps)}};
}

Node pieces_decoder(bool strips) {
  Node steps = Node::array({replace(kMark, " "), {{"type", "ByteFallback"}}, {{"type", "Fuse"}}});
  if (strips) steps.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
  return sequence("decoders", std::move(steps));
}

void set_model(Node& document, bool pieces, Node unk_token) {
  Node& model = document["model"];
  model["unk_token"] = std::move(unk_token);
  model["fuse_unk"] = pieces;
  model["byte_fallback"] = pieces;
  model["ignore_merges"] = false;
  for (const char* key : {"dropout", "continuing_subword_prefix", "end_of_word_suffix"}) model[key] = nullptr;
}

/// transformers writes a token that no file names as Python writes None.
std::string unk_of(const Tokens& tokens) {
  const auto found = tokens.find("unk_token");
  return found == tokens.end() ? "None" : found->second;
}

void rebuild_as_llama(Node& document, const Config& config, const Tokens& tokens, bool is_code_llama) {
  const bool prefix = flag_of(config, "add_prefix_space", true);
  const bool legacy = !is_code_llama && flag_of(config, "legacy", false);
  set_model(document, true, is_code_llama ? Node(unk_of(tokens)) : Node());
  document["normalizer"] = nullptr;
  document["pre_tokenizer"] = {{"type", "Metaspace"},
                               {"replacement", kMark},
                               {"prepend_scheme", !prefix  ? "never"
                                                  : legacy ? "always"
                                                           : "first"},
                               {"split", false}};
  document["decoder"] = pieces_decoder(prefix || is_code_llama);
  if (is_code_llama) document["post_processor"] = nullptr;
}

void rebuild_as_gemma(Node& document, const Tokens& tokens) {
  set_model(document, true, unk_of(tokens));
  document["normalizer"] = replace(" ", kMark);
  document["pre_tokenizer"] = {{"type", "Split"},
                               {"pattern", {{"String", " "}}},
                               {"behavior", "MergedWithPrevious"},
                               {"invert", false}};
  document["decoder"] = pieces_decoder(false);
}

void rebuild_as_bytes(Node& document, bool nfc, Node pre_tokenizer) {
  set_model(document, false, nullptr);
  document["normalizer"] = nfc ? Node{{"type", "NFC"}} : Node();
  document["pre_tokenizer"] = std::move(pre_tokenizer);
  document["decoder"] = byte_level(true, true);
}

Node split_then_bytes(const char* pattern, bool add_prefix_space) {
  const Node split = {
      {"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
  return sequence("pretokenizers", Node::array({split, byte_level(add_prefix_space, false)}));
}

}  // namespace

void rebuild_as_class(Node& document, const std::string& class_name, const Config& config,
                      const Tokens& tokens) {
  if (!document.is_object() || !document.contains("model") || !document["model"].is_object()) return;
  const bool prefix = flag_of(config, "add_prefix_space", false);
  if (class_name == "LlamaTokenizer" || class_name == "CodeLlamaTokenizer") {
    rebuild_as_llama(document, config, tokens, class_name == "CodeLlamaTokenizer");
  } else if (class_name == "GemmaTokenizer") {
    rebuild_as_gemma(document, tokens);
  } else if (class_name == "Qwen2Tokenizer") {
    rebuild_as_bytes(document, true, split_then_bytes(kQwen2Split, prefix));
  } else if (class_name == "Qwen3_5Tokenizer") {
    rebuild_as_bytes(document, true, split_then_bytes(kQwen35Split, prefix));
  } else if (class_name == "GPT2Tokenizer") {
    rebuild_as_bytes(document, false, byte_level(prefix, true));
  } else if (class_name == "GPTNeoXTokenizer") {
    rebuild_as_bytes(document, true, byte_level(prefix, true));
    document["post_processor"] = nullptr;
  } else if (class_name == "CohereTokenizer") {
    const Node digits = {{"type", "Digits"}, {"individual_digits", true}};
    rebuild_as_bytes(document, true,
                     sequence("pretokenizers", Node::array({digits, byte_level(prefix, true)})));
  }
}

}  // namespace sift
