#include "text/tokenizer_class.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace sift {
namespace {

using JsonTree = nlohmann::json;
using Config = nlohmann::ordered_json;

constexpr const char* kBackend = "TokenizersBackend";
constexpr const char* kMark = "\u2581";
constexpr const char* kQwen2Split =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kQwen35Split =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|)"
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)";

/// transformers' TOKENIZER_MAPPING_NAMES for the families of Sift; llama has no entry.
std::string_view registered_class(std::string_view model_type) {
  static constexpr std::pair<std::string_view, std::string_view> kClasses[] = {
      {"qwen2", "Qwen2Tokenizer"},
      {"qwen2_moe", "Qwen2Tokenizer"},
      {"qwen3", "Qwen2Tokenizer"},
      {"qwen3_moe", "Qwen2Tokenizer"},
      {"gemma2", "GemmaTokenizer"},
      {"gemma3", "GemmaTokenizer"},
      {"gemma3_text", "GemmaTokenizer"},
      {"olmoe", "GPTNeoXTokenizer"},
      {"mistral", kBackend},
      {"mixtral", kBackend},
      {"olmo2", kBackend},
      {"granite", kBackend},
      {"phi3", kBackend}};
  for (const auto& [type, name] : kClasses) {
    if (type == model_type) return name;
  }
  return {};
}

bool has_byte_level(const JsonTree& node) {
  if (!node.is_object()) return false;
  if (node.contains("type") && node["type"] == "ByteLevel") return true;
  for (const char* list : {"pretokenizers", "decoders"}) {
    if (!node.contains(list) || !node[list].is_array()) continue;
    for (const JsonTree& step : node[list]) {
      if (has_byte_level(step)) return true;
    }
  }
  return false;
}

bool has_byte_level_part(const JsonTree& document, const char* part) {
  return document.is_object() && document.contains(part) && has_byte_level(document[part]);
}

bool flag_of(const Config& config, const char* key, bool fallback) {
  const auto found = config.find(key);
  return found != config.end() && found->is_boolean() ? found->get<bool>() : fallback;
}

JsonTree replace(const char* from, const char* to) {
  return {{"type", "Replace"}, {"pattern", {{"String", from}}}, {"content", to}};
}

JsonTree byte_level(bool add_prefix_space, bool use_regex) {
  return {{"type", "ByteLevel"},
          {"add_prefix_space", add_prefix_space},
          {"trim_offsets", true},
          {"use_regex", use_regex}};
}

JsonTree sequence(const char* key, JsonTree steps) {
  return {{"type", "Sequence"}, {key, std::move(steps)}};
}

JsonTree pieces_decoder(bool strips) {
  JsonTree steps = JsonTree::array({replace(kMark, " "), {{"type", "ByteFallback"}}, {{"type", "Fuse"}}});
  if (strips) steps.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
  return sequence("decoders", std::move(steps));
}

void set_model(JsonTree& document, bool pieces, JsonTree unk_token) {
  JsonTree& model = document["model"];
  model["unk_token"] = std::move(unk_token);
  model["fuse_unk"] = pieces;
  model["byte_fallback"] = pieces;
  model["ignore_merges"] = false;
}

std::string named_token(const Config& config, const char* name, const char* fallback) {
  const auto found = config.find(name);
  if (found == config.end()) return fallback;
  if (found->is_object() && found->contains("content") && found->at("content").is_string())
    return found->at("content").get<std::string>();
  return found->is_string() ? found->get<std::string>() : fallback;
}

/// CodeLlamaTokenizer starts every text with its bos_token, whatever the file says.
void start_with_bos(JsonTree& document, const Config& config) {
  const std::string bos = named_token(config, "bos_token", "<s>");
  const JsonTree& model = document["model"];
  if (!model.contains("vocab") || !model["vocab"].contains(bos)) return;
  const JsonTree token = {
      {"id", bos}, {"ids", JsonTree::array({model["vocab"][bos]})}, {"tokens", JsonTree::array({bos})}};
  const JsonTree first = {{"SpecialToken", {{"id", bos}, {"type_id", 0}}}};
  const JsonTree text = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
  document["post_processor"] = {{"type", "TemplateProcessing"},
                                {"single", JsonTree::array({first, text})},
                                {"pair", JsonTree::array({first, text})},
                                {"special_tokens", {{bos, token}}}};
}

void rebuild_as_llama(JsonTree& document, const Config& config, bool is_code_llama) {
  const bool prefix = flag_of(config, "add_prefix_space", true);
  const bool legacy = !is_code_llama && flag_of(config, "legacy", false);
  set_model(document, true, is_code_llama ? JsonTree(named_token(config, "unk_token", "<unk>")) : JsonTree());
  document["normalizer"] = nullptr;
  document["pre_tokenizer"] = {{"type", "Metaspace"},
                               {"replacement", kMark},
                               {"prepend_scheme", !prefix  ? "never"
                                                  : legacy ? "always"
                                                           : "first"},
                               {"split", false}};
  document["decoder"] = pieces_decoder(prefix || is_code_llama);
  if (is_code_llama) start_with_bos(document, config);
}

void rebuild_as_gemma(JsonTree& document, const Config& config) {
  set_model(document, true, named_token(config, "unk_token", "<unk>"));
  document["normalizer"] = replace(" ", kMark);
  document["pre_tokenizer"] = {{"type", "Split"},
                               {"pattern", {{"String", " "}}},
                               {"behavior", "MergedWithPrevious"},
                               {"invert", false}};
  document["decoder"] = pieces_decoder(false);
}

void rebuild_as_bytes(JsonTree& document, bool nfc, JsonTree pre_tokenizer) {
  set_model(document, false, nullptr);
  document["normalizer"] = nfc ? JsonTree{{"type", "NFC"}} : JsonTree();
  document["pre_tokenizer"] = std::move(pre_tokenizer);
  document["decoder"] = byte_level(true, true);
}

JsonTree split_then_bytes(const char* pattern, bool add_prefix_space) {
  const JsonTree split = {
      {"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
  return sequence("pretokenizers", JsonTree::array({split, byte_level(add_prefix_space, false)}));
}

}  // namespace

std::string tokenizer_class_of(std::string declared, std::string_view model_type, const JsonTree& document) {
  if (declared.ends_with("Fast")) declared.resize(declared.size() - 4);
  const std::string registered(registered_class(model_type));
  const bool corrected = model_type == "qwen2";  // transformers never believes its folders
  const bool is_byte_level =
      has_byte_level_part(document, "pre_tokenizer") || has_byte_level_part(document, "decoder");
  if (declared == "LlamaTokenizer" && is_byte_level && !corrected) return kBackend;
  if (declared.empty() || (corrected && !registered.empty()))
    return registered.empty() ? kBackend : registered;
  return registered == kBackend ? kBackend : declared;
}

void rebuild_as_class(JsonTree& document, const std::string& class_name, const Config& config) {
  if (!document.is_object() || !document.contains("model") || !document["model"].is_object()) return;
  const bool prefix = flag_of(config, "add_prefix_space", false);
  if (class_name == "LlamaTokenizer" || class_name == "CodeLlamaTokenizer") {
    rebuild_as_llama(document, config, class_name == "CodeLlamaTokenizer");
  } else if (class_name == "GemmaTokenizer") {
    rebuild_as_gemma(document, config);
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
    const JsonTree digits = {{"type", "Digits"}, {"individual_digits", true}};
    rebuild_as_bytes(document, true,
                     sequence("pretokenizers", JsonTree::array({digits, byte_level(prefix, true)})));
  }
}

}  // namespace sift
