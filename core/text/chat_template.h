#pragma once

#include <cstddef>
#include <ctime>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace sift {

struct RenderedChat {
  std::string text;
  /// Byte ranges of `text` that {% generation %} blocks made: what the assistant said.
  std::vector<std::pair<std::size_t, std::size_t>> assistant_spans;
};

/// A chat template in the Jinja language. Renders what jinja2 renders in the set-up of transformers
/// (trim_blocks, lstrip_blocks, immutable sandbox, loop controls, generation blocks, plain `tojson`), byte
/// for byte; whatever it cannot render so is an error that names the place, never a different text.
///
///   ChatTemplate chat(tokenizer_config.chat_template, "tokenizer_config.json");
///   RenderedChat out = chat.render({{"messages", messages}, {"add_generation_prompt", false}});
class ChatTemplate {
 public:
  /// `name` starts every error text. `clock` is what strftime_now() reads, in seconds since the epoch; the
  /// system's when it is empty. Throws sift::Error "NAME:line:col: ..." for what is wrong or not supported.
  ChatTemplate(const std::string& source, std::string name, std::function<std::time_t()> clock = {});
  ~ChatTemplate();
  ChatTemplate(ChatTemplate&&) noexcept;
  ChatTemplate& operator=(ChatTemplate&&) noexcept;

  bool has_generation_blocks() const;

  /// `context` is an object: messages, tools, documents, add_generation_prompt, bos_token, and whatever else
  /// the template reads. Safe to call from many threads. Throws sift::Error for raise_exception (with the
  /// template's own message) and for what Python would raise, with line and column.
  RenderedChat render(const nlohmann::ordered_json& context) const;

 private:
  struct Parsed;
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace sift
