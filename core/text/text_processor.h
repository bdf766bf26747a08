#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "text/chat_template.h"
#include "text/tokenizer.h"

namespace sift {

/// What may replace parts of a model folder's own text settings.
struct TextOverrides {
  std::string chat_template_path;    ///< empty: the template of the model folder
  std::string eos_token;             ///< empty: the one of the model folder
  bool assistant_only_loss = false;  ///< the template may be replaced by its training_template()
};

/// The text side of a model folder: tokenizer.json, tokenizer_config.json and the chat template. Thread-safe.
class TextProcessor {
 public:
  static TextProcessor from_folder(const std::filesystem::path& folder, const TextOverrides& overrides);

  const Tokenizer& tokenizer() const { return tokenizer_; }
  const std::string& eos_token() const { return eos_token_; }  ///< empty where the model names none
  std::optional<std::int32_t> eos_token_id() const;
  bool has_chat_template() const { return chat_template_.has_value(); }

  /// Renders `messages` as transformers' apply_chat_template does. `extra` holds what the template may read
  /// besides: tools, documents, chat_template_kwargs of the row. Throws Error when there is no template.
  RenderedChat render(const nlohmann::ordered_json& messages, bool add_generation_prompt,
                      const nlohmann::ordered_json& extra = nlohmann::ordered_json::object()) const;
  /// The same without a generation prompt, with the spans of the assistant: those that the template marks or,
  /// where it marks_assistant() nowhere, those that assistant_spans_by_prefixes() finds from `first_message`
  /// on.
  RenderedChat render_with_spans(const nlohmann::ordered_json& messages, const nlohmann::ordered_json& extra,
                                 std::size_t first_message) const;
  bool marks_assistant() const { return chat_template_ && chat_template_->has_generation_blocks(); }

 private:
  explicit TextProcessor(Tokenizer tokenizer);
  nlohmann::ordered_json context_of(const nlohmann::ordered_json& messages, bool add_generation_prompt,
                                    const nlohmann::ordered_json& extra) const;

  Tokenizer tokenizer_;
  std::optional<ChatTemplate> chat_template_;
  std::map<std::string, std::string> special_tokens_;  ///< bos_token, eos_token, ... as templates name them
  std::string eos_token_;
  std::string folder_;
};

}  // namespace sift
