#include "text/tokenizer_class.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include <sift/error.h>

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kPlain = "TokenizersBackend";

/// The classes with a constructor of their own and a BPE model.
const std::vector<TokenizerClass>& own_classes() {
  static const std::string text_end = "<|endoftext|>";
  static const std::map<std::string, std::string> llama = {
      {"unk_token", "<unk>"}, {"bos_token", "<s>"}, {"eos_token", "</s>"}};
  static const std::map<std::string, std::string> qwen = {
      {"unk_token", text_end}, {"eos_token", text_end}, {"pad_token", text_end}};
  static const std::vector<TokenizerClass> classes = {
      {.name = "LlamaTokenizer", .default_tokens = llama, .leaves_added_tokens = true},
      {.name = "CodeLlamaTokenizer",
       .default_tokens = llama,
       .infilling_tokens = {{"prefix_token", "\u2581<PRE>"},
                            {"middle_token", "\u2581<MID>"},
                            {"suffix_token", "\u2581<SUF>"},
                            {"eot_token", "\u2581<EOT>"},
                            {"fill_token", "<FILL_ME>"}},
       .leaves_added_tokens = true,
       .fills_in = true},
      {.name = "Qwen2Tokenizer", .default_tokens = qwen, .leaves_added_tokens = true, .resets_flags = true},
      {.name = "Qwen3_5Tokenizer", .default_tokens = qwen, .leaves_added_tokens = true},
      {.name = "GPT2Tokenizer",
       .default_tokens =
           {{"unk_token", text_end}, {"bos_token", text_end}, {"eos_token", text_end}, {"pad_token", ""}},
       .leaves_added_tokens = true},
      {.name = "GPTNeoXTokenizer",
       .default_tokens = {{"unk_token", text_end},
                          {"bos_token", text_end},
                          {"eos_token", text_end},
                          {"pad_token", "<|padding|>"}},
       .leaves_added_tokens = true},
      {.name = "GemmaTokenizer",
       .default_tokens = {{"unk_token", "<unk>"},
                          {"bos_token", "<bos>"},
                          {"eos_token", "<eos>"},
                          {"pad_token", "<pad>"},
                          {"mask_token", "<mask>"}},
       .leaves_added_tokens = true},
      {.name = "CohereTokenizer",
       .default_tokens = {{"unk_token", "<UNK>"},
                          {"bos_token", "<BOS_TOKEN>"},
                          {"eos_token", "<|END_OF_TURN_TOKEN|>"},
                          {"pad_token", "<PAD>"},
                          {"cls_token", "<CLS>"},
                          {"sep_token", "<SEP>"},
                          {"mask_token", "<MASK_TOKEN>"}},
       .leaves_added_tokens = true,
       .adds_again = true}};
  return classes;
}

/// What AutoTokenizer registers for the families of Sift: kPlain, a class, or nothing.
std::string_view registered(std::string_view model_type) {
  static const std::map<std::string_view, std::string_view> classes = {{"qwen2", "Qwen2Tokenizer"},
                                                                       {"qwen2_moe", "Qwen2Tokenizer"},
                                                                       {"qwen3", "Qwen2Tokenizer"},
                                                                       {"qwen3_moe", "Qwen2Tokenizer"},
                                                                       {"qwen2_vl", "Qwen2Tokenizer"},
                                                                       {"qwen2_5_vl", "Qwen2Tokenizer"},
                                                                       {"qwen3_vl", "Qwen2Tokenizer"},
                                                                       {"gemma", "GemmaTokenizer"},
                                                                       {"gemma2", "GemmaTokenizer"},
                                                                       {"gemma3", "GemmaTokenizer"},
                                                                       {"gemma3_text", "GemmaTokenizer"},
                                                                       {"olmo", "GPTNeoXTokenizer"},
                                                                       {"olmoe", "GPTNeoXTokenizer"},
                                                                       {"olmo2", kPlain},
                                                                       {"olmo3", kPlain},
                                                                       {"granite", kPlain},
                                                                       {"granitemoe", kPlain},
                                                                       {"mistral", kPlain},
                                                                       {"mistral3", kPlain},
                                                                       {"ministral", kPlain},
                                                                       {"mixtral", kPlain},
                                                                       {"phi3", kPlain}};
  const auto found = classes.find(model_type);
  return found == classes.end() ? std::string_view() : found->second;
}

/// Families whose own class counts more than the one that their tokenizer_config.json names.
bool is_misnamed(std::string_view model_type) {
  return model_type == "qwen2" || model_type == "phi3";
}

std::string text_or_empty(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Names with and without Fast mean the same class.
std::string without_fast(std::string name) {
  constexpr std::string_view kFast = "Fast";
  if (name.ends_with(kFast)) name.resize(name.size() - kFast.size());
  return name;
}

/// The other classes of transformers, without their "Tokenizer". They do not take the steps of
/// tokenizer.json.
constexpr std::string_view kOtherClasses = R"(
 Albert Bart Barthez Bartpho Bert BertGeneration BertJapanese Bertweet BigBird BioGpt Blenderbot 
 BlenderbotSmall ByT5 Camembert Canine CLIP Clvp CodeGen ConvBert Cpm CpmAnt CTRL Deberta DebertaV2 Dia 
 DistilBert DPRContextEncoder DPRQuestionEncoder DPRReader Electra Esm Esmc FastSpeech2Conformer Flaubert 
 FNet FSMT Funnel GPTNeoXJapanese GPTSw3 Herbert Lasr LayoutLMv2 LayoutLMv3 LayoutXLM LED Longformer Luke 
 Lxmert M2M100 Marian MarkupLM MBart MBart50 Mgpstr MLuke MobileBert MPNet Mvp MyT5 Nllb Nougat OpenAIGPT 
 Pegasus Perceiver Phobert PLBart Pop2Piano ProphetNet Reformer RemBert Roberta RoCBert RoFormer 
 SeamlessM4T Siglip Siglip2 Speech2Text SpeechT5 Splinter SqueezeBert T5 Tapas Tipsv2 Udop VideoPrism 
 Vits Wav2Vec2CTC Wav2Vec2PhonemeCTC Whisper XGLM XLM XLMRoberta XLNet 
)";

bool has_unknown_pipeline(std::string_view name) {
  constexpr std::string_view kTokenizer = "Tokenizer";
  if (!name.ends_with(kTokenizer)) return false;
  name.remove_suffix(kTokenizer.size());
  return kOtherClasses.find(fmt::format(" {} ", name)) != std::string_view::npos;
}

/// A name that no class has means kPlain.
TokenizerClass class_named(std::string_view name) {
  const auto found = std::ranges::find(own_classes(), name, &TokenizerClass::name);
  if (found != own_classes().end()) return *found;
  if (!has_unknown_pipeline(name)) return {};
  throw Error(fmt::format(
      "tokenizer_config.json: tokenizer_class is '{}', for which transformers builds other steps than those of "
      "tokenizer.json, and Sift cannot; write \"PreTrainedTokenizerFast\" there to use tokenizer.json as it is",
      name));
}

}  // namespace

TokenizerClass find_tokenizer_class(const Json& model_config, const Json& tokenizer_config,
                                    bool has_byte_level) {
  const std::string model_type = text_or_empty(model_config, "model_type");
  std::string named = without_fast(text_or_empty(tokenizer_config, "tokenizer_class"));
  if (named.empty()) named = without_fast(text_or_empty(model_config, "tokenizer_class"));
  const std::string_view own = registered(model_type);
  if (named.empty()) return class_named(own);
  // LlamaTokenizer would replace the byte-level steps of Llama 3's kind
  if (named == "LlamaTokenizer" && has_byte_level && !is_misnamed(model_type)) return {};
  if (own.empty() || own == named) return class_named(named);
  if (own == kPlain) return {};
  return class_named(is_misnamed(model_type) ? own : std::string_view(named));
}

}  // namespace sift
