#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "text/chat_templates.h"
#include "text/special_token_ids.h"
#include "text/special_tokens.h"
#include "text/text_files.h"
#include "text/tokenizer.h"

namespace sift {

/// What may replace parts of a model folder's own text settings.
struct TextOverrides {
  std::string chat_template_path;    ///< empty: the template of the model folder
  std::string eos_token;             ///< empty: the one of the model folder
  bool assistant_only_loss = false;  ///< the template may be replaced by its training_template()
};

/// The text side of a model folder: tokenizer, special tokens and chat templates, read once. Thread-safe.
class TextProcessor {
 public:
  static TextProcessor from_folder(const std::filesystem::path& folder, const TextOverrides& overrides);

  const Tokenizer& tokenizer() const { return tokenizer_; }
  const std::string& eos_token() const { return eos_token_; }  ///< empty where the model names none
  std::optional<std::int32_t> eos_token_id() const;
  SpecialTokenIds special_token_ids() const;
  /// `text` with the eos token at its end, which is not added twice. Throws Error if the model names none.
  std::string with_eos(std::string text) const;
  /// Special tokens by name; also those that only templates know, such as image_token.
  const std::map<std::string, std::string>& special_tokens() const { return special_tokens_.named; }
  /// Tokens that files beside tokenizer.json add to it.
  const std::set<std::string>& tokens_from_files() const { return special_tokens_.from_files; }
  /// What the texts were read from, with the chat template that replaces the folder's.
  std::shared_ptr<const TextFiles> files() const { return files_; }
  /// The class of transformers' tokenizer, on which ids depend besides the files.
  const std::string& class_name() const { return class_name_; }
  bool has_chat_template() const { return !chat_templates_.empty(); }

  /// Renders `messages` as transformers' apply_chat_template does. `extra` holds what the template may read
  /// besides: tools, documents, chat_template_kwargs of the row. Throws Error when there is no template.
  RenderedChat render(const nlohmann::ordered_json& messages, bool add_generation_prompt,
                      const nlohmann::ordered_json& extra = nlohmann::ordered_json::object()) const;
  /// The same without a generation prompt, with the spans of the assistant: those that the template marks or,
  /// where it marks_assistant() nowhere, those that assistant_spans_by_prefixes() finds from `first_message`
  /// on.
  RenderedChat render_with_spans(const nlohmann::ordered_json& messages, const nlohmann::ordered_json& extra,
                                 std::size_t first_message) const;
  /// Whether the template of a row with these `extra` variables has {% generation %} blocks.
  bool marks_assistant(const nlohmann::ordered_json& extra) const;

 private:
  struct Document;
  TextProcessor(const std::shared_ptr<const TextFiles>& files, const TextOverrides& overrides);
  TextProcessor(std::shared_ptr<const TextFiles> files, const Document& document,
                const TextOverrides& overrides);
  const ChatTemplate& template_of(const nlohmann::ordered_json& extra) const;
  nlohmann::ordered_json context_of(const nlohmann::ordered_json& messages, bool add_generation_prompt,
                                    const nlohmann::ordered_json& extra) const;

  std::shared_ptr<const TextFiles> files_;
  SpecialTokens special_tokens_;
  std::string class_name_;
  Tokenizer tokenizer_;
  ChatTemplates chat_templates_;
  std::string eos_token_;
  bool eos_was_chosen_;
};

}  // namespace sift
