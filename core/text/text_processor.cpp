#include "text/text_processor.h"

#include <fmt/format.h>

#include <utility>

#include <sift/error.h>
#include <sift/log.h>
#include "base/file_text.h"
#include "formats/json_fields.h"
#include "formats/json_text.h"
#include "formats/model_files.h"
#include "text/assistant_spans.h"
#include "text/reasoning_fields.h"
#include "text/tokenizer_class.h"
#include "text/training_template.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

Json read_tokenizer_config(const std::filesystem::path& folder) {
  const auto file = folder / kTokenizerConfigFile;
  if (!std::filesystem::exists(file)) return Json::object();
  Json config = read_json_file<Json>(file);
  return JsonFields(config, file.string()).object();
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// tokenizer.json as the class that transformers would load it with makes it.
Tokenizer load_tokenizer(const std::filesystem::path& folder, const Json& config) {
  const auto file = folder / kTokenizerFile;
  auto document = parse_json<nlohmann::json>(file_text(file), file.string());
  const auto model_file = folder / kModelConfigFile;
  Json model = std::filesystem::exists(model_file) ? read_json_file<Json>(model_file) : Json::object();
  if (!model.is_object()) model = Json::object();
  std::string declared = text_of(config, "tokenizer_class");
  if (declared.empty()) declared = text_of(model, "tokenizer_class");
  rebuild_as_class(document, tokenizer_class_of(declared, text_of(model, "model_type"), document), config);
  const auto split = config.find("split_special_tokens");
  const bool split_special_tokens = split != config.end() && split->is_boolean() && split->get<bool>();
  return Tokenizer::from_document(document, file.string(), split_special_tokens);
}

/// A special token is written as its text, or as an added token with its text in `content`.
std::string token_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object() && value.contains("content") && value["content"].is_string()) {
    return value["content"].get<std::string>();
  }
  return {};
}

struct TemplateText {
  std::string source;
  std::string where;
};

/// The template inside tokenizer_config.json: one text, or a list of named ones of which `default` is used.
std::optional<TemplateText> template_in_config(const JsonFields& config) {
  const auto found = config.find("chat_template");
  if (!found) return std::nullopt;
  if (found->value().is_string()) return TemplateText{found->text(), found->where()};
  if (!found->value().is_array()) return std::nullopt;
  for (const JsonFields& named : found->elements()) {
    if (named.text("name") == "default") return TemplateText{named.text("template"), found->where()};
  }
  return std::nullopt;
}

std::optional<TemplateText> find_template(const std::filesystem::path& folder, const Json& config,
                                          const std::string& override_path) {
  if (!override_path.empty()) {
    if (!std::filesystem::is_regular_file(override_path)) {
      throw Error(fmt::format("{}: no such chat template; see chat_template_path in [data]", override_path));
    }
    return TemplateText{file_text(override_path), override_path};
  }
  const auto file = folder / kChatTemplateFile;
  if (std::filesystem::exists(file)) return TemplateText{file_text(file), file.string()};
  return template_in_config(JsonFields(config, (folder / kTokenizerConfigFile).string()));
}

ChatTemplate parse_template(const TemplateText& text, bool assistant_only_loss) {
  ChatTemplate stock(text.source, text.where);
  if (!assistant_only_loss || stock.has_generation_blocks()) return stock;
  const auto edited = training_template(text.source);
  if (!edited) return stock;
  log_info(
      "chat template: it removes thinking; for assistant_only_loss every assistant turn keeps its thinking, "
      "as in TRL");
  return ChatTemplate(*edited, text.where + ", as edited for assistant_only_loss");
}

}  // namespace

TextProcessor::TextProcessor(Tokenizer tokenizer) : tokenizer_(std::move(tokenizer)) {}

TextProcessor TextProcessor::from_folder(const std::filesystem::path& folder,
                                         const TextOverrides& overrides) {
  const Json config = read_tokenizer_config(folder);
  TextProcessor processor(load_tokenizer(folder, config));
  processor.folder_ = folder.string();
  for (const char* name :
       {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}) {
    const auto entry = config.find(name);
    if (entry == config.end()) continue;
    std::string text = token_text(*entry);
    if (!text.empty()) processor.special_tokens_[name] = std::move(text);
  }
  if (!overrides.eos_token.empty()) processor.special_tokens_["eos_token"] = overrides.eos_token;
  const auto eos = processor.special_tokens_.find("eos_token");
  if (eos != processor.special_tokens_.end()) processor.eos_token_ = eos->second;
  if (!processor.eos_token_.empty() && !processor.eos_token_id()) {
    throw Error(fmt::format("{}: eos_token '{}' is not in the vocabulary of tokenizer.json", folder.string(),
                            processor.eos_token_));
  }
  if (const auto chat_template = find_template(folder, config, overrides.chat_template_path))
    processor.chat_template_ = parse_template(*chat_template, overrides.assistant_only_loss);
  return processor;
}

std::optional<std::int32_t> TextProcessor::eos_token_id() const {
  return eos_token_.empty() ? std::nullopt : tokenizer_.token_to_id(eos_token_);
}

Json TextProcessor::context_of(const Json& messages, bool add_generation_prompt, const Json& extra) const {
  if (!chat_template_) {
    throw Error(
        fmt::format("{}: the data holds messages, but the model folder has no chat template "
                    "(chat_template.jinja); give one with "
                    "chat_template_path in [data]",
                    folder_));
  }
  Json context = Json::object();
  for (const auto& [name, text] : special_tokens_) context[name] = text;
  context["messages"] = with_reasoning_fields(messages);
  context["tools"] = nullptr;
  context["documents"] = nullptr;
  context["add_generation_prompt"] = add_generation_prompt;
  context.update(extra);
  return context;
}

RenderedChat TextProcessor::render(const Json& messages, bool add_generation_prompt,
                                   const Json& extra) const {
  const Json context = context_of(messages, add_generation_prompt, extra);
  return chat_template_->render(context);
}

RenderedChat TextProcessor::render_with_spans(const Json& messages, const Json& extra,
                                              std::size_t first_message) const {
  const Json context = context_of(messages, /*add_generation_prompt=*/false, extra);
  RenderedChat chat = chat_template_->render(context);
  if (!marks_assistant()) {
    chat.assistant_spans = assistant_spans_by_prefixes(*chat_template_, context, chat.text, first_message);
  }
  return chat;
}

}  // namespace sift
