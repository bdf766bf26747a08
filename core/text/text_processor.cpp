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
#include "text/tokenizer/tokenizer_json.h"
#include "text/tokenizer_class.h"
#include "text/tokenizer_rebuild.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

/// TRL takes template, tokens and end token from a folder or a model of the Hub, and resizes the model by
/// dummy tokens. Here each is named.
[[noreturn]] void refuse_folder(const std::filesystem::path& folder) {
  const bool has_file = std::filesystem::exists(folder / kChatTemplateFile);
  throw Error(fmt::format(
      "{}: a folder, but chat_template_path in [data] takes the file of a template: {}; name the end token of "
      "that template with eos_token in [data], and add tokens that the model lacks to the "
      "added_tokens_decoder of its own {}",
      folder.string(),
      has_file ? fmt::format("write '{}'", (folder / kChatTemplateFile).string())
               : fmt::format("write the chat_template of its {} to a .jinja file", kTokenizerConfigFile),
      kTokenizerConfigFile));
}

void check_template_path(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) refuse_folder(path);
  if (!std::filesystem::is_regular_file(path)) {
    throw Error(fmt::format(
        "{}: no such chat template; chat_template_path in [data] takes a file, such as the {} of a model that "
        "was downloaded",
        path.string(), kChatTemplateFile));
  }
  if (path.extension() == ".json") {
    throw Error(fmt::format(
        "{}: a JSON file, but chat_template_path in [data] takes the template alone; write it to a .jinja file",
        path.string()));
  }
}

std::shared_ptr<const TextFiles> read_files(const std::filesystem::path& folder,
                                            const std::string& template_path) {
  auto files = std::make_shared<TextFiles>(TextFiles::read(folder));
  if (template_path.empty()) return files;
  check_template_path(template_path);
  files->set_chat_template(template_path);
  return files;
}

}  // namespace

/// tokenizer.json with its class, and what the other files add.
struct TextProcessor::Document {
  explicit Document(const TextFiles& files);
  text::TokenChanges changes() const;

  std::string file;
  nlohmann::json json;
  TokenizerClass tokenizer_class;
  SpecialTokens special_tokens;
  bool split_special_tokens;
};

TextProcessor::Document::Document(const TextFiles& files) : file(files.path_of(kTokenizerFile)) {
  // if it is missing, reading it throws the error
  const std::string text = files.has(kTokenizerFile) ? files.text(kTokenizerFile) : file_text(file);
  json = parse_json<nlohmann::json>(text, file);
  const auto model_config = read_object_or_empty<Json>(files.folder() / kModelConfigFile);
  const SortedJsonFields root(json, file);
  root.object();
  const Json config = files.object(kTokenizerConfigFile);
  tokenizer_class =
      find_tokenizer_class(model_config, config, text.find("\"ByteLevel\"") != std::string::npos);
  split_special_tokens = config.value("split_special_tokens", Json()) == true;
  if (const auto padding = root.find("padding"); padding && padding->has("pad_token"))
    tokenizer_class.default_tokens.try_emplace("pad_token", padding->text("pad_token"));
  special_tokens = read_special_tokens(files, tokenizer_class, text::read_added_tokens(json, file));
  rebuild_as_class(json, tokenizer_class.name, config, special_tokens.named);
}

text::TokenChanges TextProcessor::Document::changes() const {
  const auto of_code_llama = [&](const char* name) {
    const auto found = special_tokens.named.find(name);
    return tokenizer_class.fills_in && found != special_tokens.named.end() ? found->second : std::string();
  };
  return {tokenizer_class.leaves_added_tokens, special_tokens.added, of_code_llama("bos_token"),
          of_code_llama("fill_token")};
}

TextProcessor TextProcessor::from_folder(const std::filesystem::path& folder,
                                         const TextOverrides& overrides) {
  return TextProcessor(read_files(folder, overrides.chat_template_path), overrides);
}

TextProcessor::TextProcessor(const std::shared_ptr<const TextFiles>& files, const TextOverrides& overrides)
    : TextProcessor(files, Document(*files), overrides) {}

TextProcessor::TextProcessor(std::shared_ptr<const TextFiles> files, const Document& document,
                             const TextOverrides& overrides)
    : files_(std::move(files)),
      special_tokens_(document.special_tokens),
      class_name_(document.tokenizer_class.name),
      tokenizer_(Tokenizer::from_document(document.json, document.file, document.changes(),
                                          document.split_special_tokens)),
      chat_templates_(ChatTemplates::read(*files_, overrides.assistant_only_loss)),
      eos_was_chosen_(!overrides.eos_token.empty()) {
  if (eos_was_chosen_) special_tokens_.named["eos_token"] = overrides.eos_token;
  const auto eos = special_tokens_.named.find("eos_token");
  if (eos != special_tokens_.named.end()) eos_token_ = eos->second;
  if (!eos_token_.empty() && !eos_token_id()) {
    throw Error(fmt::format("{}: eos_token '{}' is not in the vocabulary of tokenizer.json",
                            files_->folder().string(), eos_token_));
  }
}

std::optional<std::int32_t> TextProcessor::eos_token_id() const {
  return eos_token_.empty() ? std::nullopt : tokenizer_.token_to_id(eos_token_);
}

SpecialTokenIds TextProcessor::special_token_ids() const {
  const auto id = [this](const char* name) -> std::optional<std::int64_t> {
    const auto found = special_tokens_.named.find(name);
    if (found == special_tokens_.named.end()) return std::nullopt;
    return tokenizer_.token_to_id(found->second);
  };
  const auto eos = id("eos_token");
  const auto pad = id("pad_token");
  return {id("bos_token"), eos, pad ? pad : eos, eos_was_chosen_};
}

std::string TextProcessor::with_eos(std::string text) const {
  if (eos_token_.empty()) {
    throw Error(
        fmt::format("{}: the tokenizer names no eos_token to end a text or completion with; name one of its "
                    "tokens with eos_token in [data]",
                    files_->folder().string()));
  }
  if (!text.ends_with(eos_token_)) text += eos_token_;
  return text;
}

const ChatTemplate& TextProcessor::template_of(const Json& extra) const {
  const auto tools = extra.find("tools");
  return chat_templates_.of_row(tools != extra.end() && !tools->is_null());
}

bool TextProcessor::marks_assistant(const Json& extra) const {
  return has_chat_template() && template_of(extra).has_generation_blocks();
}

Json TextProcessor::context_of(const Json& messages, bool add_generation_prompt, const Json& extra) const {
  Json context = Json::object();
  for (const auto& [name, text] : special_tokens_.named) context[name] = text;
  context["messages"] = with_reasoning_fields(messages);
  context["tools"] = nullptr;
  context["documents"] = nullptr;
  context["add_generation_prompt"] = add_generation_prompt;
  context.update(extra);
  return context;
}

RenderedChat TextProcessor::render(const Json& messages, bool add_generation_prompt,
                                   const Json& extra) const {
  return template_of(extra).render(context_of(messages, add_generation_prompt, extra));
}

RenderedChat TextProcessor::render_with_spans(const Json& messages, const Json& extra,
                                              std::size_t first_message) const {
  const Json context = context_of(messages, /*add_generation_prompt=*/false, extra);
  const ChatTemplate& chat_template = template_of(extra);
  RenderedChat chat = chat_template.render(context);
  if (!chat_template.has_generation_blocks()) {
    chat.assistant_spans = assistant_spans_by_prefixes(chat_template, context, chat.text, first_message);
  }
  return chat;
}

}  // namespace sift
