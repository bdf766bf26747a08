#include "data/prepare_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include <sift/error.h>
#include <sift/log.h>
#include "data/ready_ids.h"
#include "data/row_labels.h"
#include "data/row_media.h"
#include "data/row_messages.h"
#include "data/template_variables.h"
#include "formats/exact_json.h"
#include "text/stop_token.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void fail_without_form(const Json& row, const std::string& text_field) {
  std::vector<std::string> found;
  for (const auto& [key, value] : row.items()) found.push_back(key + (value.is_null() ? " (null)" : ""));
  throw Error(
      fmt::format("no 'messages', 'prompt' and 'completion', '{}' or 'input_ids' in the row; found: {}",
                  text_field, found.empty() ? "nothing" : fmt::format("{}", fmt::join(found, ", "))));
}

[[noreturn]] void fail_without_spans(const Json& messages) {
  const bool speaks =
      std::ranges::any_of(messages, [](const Json& message) { return message["role"] == "assistant"; });
  if (!speaks) {
    throw Error("assistant_only_loss = true, but the row has no message with the role 'assistant'");
  }
  throw Error(
      "assistant_only_loss = true, but the chat template marks no part of this row with {% generation %}; "
      "set chat_template_path in [data] to a template that does");
}

}  // namespace

TextProcessor text_processor(const std::filesystem::path& model_folder, const DataOptions& options) {
  TextProcessor text = TextProcessor::from_folder(
      model_folder, {options.chat_template_path, options.eos_token, options.assistant_only_loss});
  if (options.assistant_only_loss && text.marks_assistant(nlohmann::ordered_json::object()) &&
      !trains_stop_token(text)) {
    log_warning(
        "assistant_only_loss = true, but the {% generation %} blocks of the chat template do not contain the token "
        "that ends a turn, so the model may not learn to stop; move the token into the block, or set "
        "assistant_only_loss = false");
  }
  return text;
}

RowPreparer::RowPreparer(const TextProcessor& text, const DataOptions& options, std::int64_t vocab_size)
    : text_(text), options_(options), vocab_size_(vocab_size) {}

std::vector<std::string> RowPreparer::columns(const DataOptions& options) {
  return {
      "messages", "conversations",   "prompt",          "completion", options.dataset_text_field, "input_ids",
      "labels",   "completion_mask", "assistant_masks", "tools",      "chat_template_kwargs"};
}

PreparedRow RowPreparer::prepare(std::string_view line) const {
  Json json = parse_exact_json(line);
  // as the datasets library reads an array of texts
  if (json.is_string()) json = Json::object({{"text", json}});
  const JsonFields row(json);
  refuse_image_keys(row);
  PreparedRow result = prepare(row);
  for (const std::int32_t id : result.input_ids) {
    if (id < 0 || id >= vocab_size_) {
      throw Error(
          fmt::format("token id {} is outside the model's vocabulary of {}; tokenizer and model do not match",
                      id, vocab_size_));
    }
  }
  return result;
}

PreparedRow RowPreparer::prepare(const JsonFields& row) const {
  if (row.has("input_ids")) return ready_ids(row, options_, vocab_size_);
  if (row.has("prompt") && row.has("completion"))
    return row.value("prompt").is_array() ? from_message_lists(row) : from_texts(row);
  if (row.has("messages")) return from_messages(row, "messages");
  if (row.has("conversations")) return from_messages(row, "conversations");
  if (row.has(options_.dataset_text_field)) return from_text(row);
  fail_without_form(row.value(), options_.dataset_text_field);
}

void RowPreparer::refuse_completion_only(const std::string& found) const {
  if (!options_.completion_only_loss.value_or(false)) return;
  throw Error(fmt::format("completion_only_loss = true needs 'prompt' and 'completion', found '{}'", found));
}

PreparedRow RowPreparer::from_text(const JsonFields& row) const {
  refuse_completion_only(options_.dataset_text_field);
  if (options_.assistant_only_loss)
    throw Error("assistant_only_loss = true needs 'messages', found plain text");
  PreparedRow result;
  const std::string text = text_.with_eos(row.text(options_.dataset_text_field));
  result.input_ids = text_.tokenizer().encode(text, /*add_special_tokens=*/true).ids;
  result.labels = result.input_ids;
  return result;
}

PreparedRow RowPreparer::render(const Json& messages, const Json& variables, std::size_t first_scored) const {
  const RenderedChat chat = options_.assistant_only_loss
                                ? text_.render_with_spans(messages, variables, first_scored)
                                : text_.render(messages, /*add_generation_prompt=*/false, variables);
  const Encoding encoding = text_.tokenizer().encode(chat.text, false, options_.assistant_only_loss);
  PreparedRow result;
  result.input_ids = encoding.ids;
  result.labels = result.input_ids;
  if (options_.assistant_only_loss) {
    if (!mask_all_but(chat.assistant_spans, encoding, result)) fail_without_spans(messages);
    result.spans_by_prefixes = !text_.marks_assistant(variables);
  }
  return result;
}

PreparedRow RowPreparer::from_messages(const JsonFields& row, const char* key) const {
  refuse_completion_only("messages");
  return render(row_messages(row.at(key)), template_variables(row), 0);
}

PreparedRow RowPreparer::from_message_lists(const JsonFields& row) const {
  const bool mask = options_.completion_only_loss.value_or(true);
  const Json variables = template_variables(row);
  Json messages = row_messages(row.at("prompt"));
  const std::size_t prompt_size = messages.size();
  const std::string prompt = text_.render(messages, /*add_generation_prompt=*/true, variables).text;
  for (Json& message : row_messages(row.at("completion"))) messages.push_back(std::move(message));
  PreparedRow result = render(messages, variables, mask ? prompt_size : 0);
  if (mask) mask_prompt(text_.tokenizer().encode(prompt, false).ids, result);
  return result;
}

PreparedRow RowPreparer::from_texts(const JsonFields& row) const {
  if (options_.assistant_only_loss) throw Error("assistant_only_loss = true needs messages, found strings");
  const std::string prompt = row.text("prompt");
  PreparedRow result;
  result.input_ids = text_.tokenizer().encode(prompt + text_.with_eos(row.text("completion")), true).ids;
  result.labels = result.input_ids;
  if (options_.completion_only_loss.value_or(true))
    mask_prompt(text_.tokenizer().encode(prompt, true).ids, result);
  return result;
}

}  // namespace sift
