#include "text/tokenizer_class.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace sift {
namespace {

using Document = nlohmann::json;
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

bool has_byte_level(const Document& node) {
  if (!node.is_object()) return false;
  if (node.contains("type") && node["type"] == "ByteLevel") return true;
  for (const char* list : {"pretokenizers", "decoders"}) {
    if (!node.contains(list) || !node[list].is_array()) continue;
    for (const Document& step : node[list]) {
      if (has_byte_level(step)) return true;
    }
  }
  return false;
}

bool has_byte_level_part(const Document& document, const char* part) {
  return document.is_object() && document.contains(part) && has_byte_level(document[part]);
}

bool flag_of(const Config& config, const char* key, bool fallback) {
  const auto found = config.find(key);
  return found != config.end() && found->is_boolean() ? found->get<bool>() : fallback;
}

Document replace(const char* from, const char* to) {
  return {{"type", "Replace"}, {"pattern", {{"String", from}}}, {"content", to}};
}

Document byte_level(bool add_prefix_space, bool use_regex) {
  return {{"type", "ByteLevel"},
          {"add_prefix_space", add_prefix_space},
          {"trim_offsets", true},
          {"use_regex", use_regex}};
}

Document sequence(const char* key, Document steps) {
  return {{"type", "Sequence"}, {key, std::move(steps)}};
}

Document pieces_decoder(bool strips) {
  Document steps = Document::array({replace(kMark, " "), {{"type", "ByteFallback"}}, {{"type", "Fuse"}}});
  if (strips) steps.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
  return sequence("decoders", std::move(steps));
}

void set_model(Document& document, bool pieces, Document unk_token) {
  Document& model = document["model"];
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
void start_with_bos(Document& document, const Config& config) {
  const std::string bos = named_token(config, "bos_token", "<s>");
  const Document& model = document["model"];
  if (!model.contains("vocab") || !model["vocab"].contains(bos)) return;
  const Document token = {
      {"id", bos}, {"ids", Document::array({model["vocab"][bos]})}, {"tokens", Document::array({bos})}};
  const Document first = {{"SpecialToken", {{"id", bos}, {"type_id", 0}}}};
  const Document text = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
  document["post_processor"] = {{"type", "TemplateProcessing"},
                                {"single", Document::array({first, text})},
                                {"pair", Document::array({first, text})},
                                {"special_tokens", {{bos, token}}}};
}

void rebuild_as_llama(Document& document, const Config& config, bool is_code_llama) {
  const bool prefix = flag_of(config, "add_prefix_space", true);
  const bool legacy = !is_code_llama && flag_of(config, "legacy", false);
  set_model(document, true, is_code_llama ? Document(named_token(config, "unk_token", "<unk>")) : Document());
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

void rebuild_as_gemma(Document& document, const Config& config) {
  set_model(document, true, named_token(config, "unk_token", "<unk>"));
  document["normalizer"] = replace(" ", kMark);
  document["pre_tokenizer"] = {{"type", "Split"},
                               {"pattern", {{"String", " "}}},
                               {"behavior", "MergedWithPrevious"},
                               {"invert", false}};
  document["decoder"] = pieces_decoder(false);
}

void rebuild_as_bytes(Document& document, bool nfc, Document pre_tokenizer) {
  set_model(document, false, nullptr);
  document["normalizer"] = nfc ? Document{{"type", "NFC"}} : Document();
  document["pre_tokenizer"] = std::move(pre_tokenizer);
  document["decoder"] = byte_level(true, true);
}

Document split_then_bytes(const char* pattern, bool add_prefix_space) {
  const Document split = {
      {"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
  return sequence("pretokenizers", Document::array({split, byte_level(add_prefix_space, false)}));
}

}  // namespace

std::string tokenizer_class_of(std::string declared, std::string_view model_type, const Document& document) {
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

void rebuild_as_class(Document& document, const std::string& class_name, const Config& config) {
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
    const Document digits = {{"type", "Digits"}, {"individual_digits", true}};
    rebuild_as_bytes(document, true,
                     sequence("pretokenizers", Document::array({digits, byte_level(prefix, true)})));
  }
}

}  // namespace sift
