#include "data/prepare_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include <sift/error.h>
#include <sift/tensors.h>
#include "formats/json_text.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;
constexpr auto kIgnoreLabel = static_cast<std::int32_t>(kIgnoreIndex);

Json parse_object(std::string_view text) {
  Json row = parse_json<Json>(text);
  if (!row.is_object()) throw Error(fmt::format("expected a JSON object, found {}", row.type_name()));
  return row;
}

const Json* find(const Json& row, const std::string& key) {
  const auto entry = row.find(key);
  return entry == row.end() || entry->is_null() ? nullptr : &*entry;
}

/// Templates test whether a key exists, so keys with a null value are removed.
void drop_nulls(Json& value) {
  if (value.is_object()) {
    for (auto entry = value.begin(); entry != value.end();) {
      entry = entry->is_null() ? value.erase(entry) : std::next(entry);
    }
  }
  if (value.is_structured()) {
    for (Json& child : value) drop_nulls(child);
  }
}

/// Messages with `from` and `value` (ShareGPT) become messages with `role` and `content`, as in TRL.
Json normalised_messages(const Json& source, const std::string& key) {
  if (!source.is_array() || source.empty()) throw Error(fmt::format("'{}' must be a list of messages", key));
  Json messages = source;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    Json& message = messages[i];
    if (!message.is_object()) {
      throw Error(fmt::format("'{}'[{}] must be an object with role and content, found {}", key, i,
                              message.type_name()));
    }
    if (!message.contains("role") && message.contains("from")) {
      message["role"] = message["from"];
      message["content"] = message.value("value", Json());
      message.erase("from");
      message.erase("value");
    }
    const auto role = message.find("role");
    if (role == message.end() || !role->is_string()) throw Error(fmt::format("'{}'[{}] has no role", key, i));
  }
  drop_nulls(messages);
  return messages;
}

std::vector<std::int32_t> integers(const Json& value, const std::string& key) {
  if (!value.is_array()) throw Error(fmt::format("'{}' must be a list of integers", key));
  std::vector<std::int32_t> result;
  result.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    // the library would wrap values above 64 bits
    const bool wraps = value[i].is_number_unsigned() && value[i].get<std::uint64_t>() > INT32_MAX;
    const bool fits = value[i].is_number_integer() && !wraps &&
                      value[i].get<std::int64_t>() >= kIgnoreIndex &&
                      value[i].get<std::int64_t>() <= INT32_MAX;
    if (!fits) throw Error(fmt::format("'{}'[{}] is {}, expected a token id", key, i, value[i].dump()));
    result.push_back(value[i].get<std::int32_t>());
  }
  return result;
}

/// Labels where the mask is 0 become unscored.
void apply_mask(PreparedRow& row, const std::vector<std::int32_t>& mask, const char* key) {
  if (mask.size() != row.labels.size()) {
    throw Error(fmt::format("'{}' has {} entries, 'input_ids' has {}", key, mask.size(), row.labels.size()));
  }
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] == 0) row.labels[i] = kIgnoreLabel;
  }
}

std::size_t common_prefix(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b) {
  const auto limit = static_cast<std::ptrdiff_t>(std::min(a.size(), b.size()));
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.begin() + limit, b.begin()).first - a.begin());
}

/// The common prefix of the prompt and the whole is not scored.
void mask_prompt(PreparedRow& row, const std::vector<std::int32_t>& prompt_ids) {
  const std::size_t prompt_length = common_prefix(prompt_ids, row.input_ids);
  row.prompt_is_prefix = prompt_length == prompt_ids.size();
  std::fill_n(row.labels.begin(), prompt_length, kIgnoreLabel);
}

std::string text_of(const Json& value, const std::string& key) {
  if (value.is_string()) return value.get<std::string>();
  throw Error(fmt::format("'{}' must be a string, found {}", key, value.type_name()));
}

Json parse_tools(const std::string& text) {
  return parse_json<Json>(text, "'tools' is a string");
}

/// The variables of a row for its template, besides the messages.
Json template_arguments(const Json& row) {
  Json extra = Json::object();
  if (const Json* tools = find(row, "tools")) {
    // tools are often stored as a JSON string, since a column has a single schema
    extra["tools"] = tools->is_string() ? parse_tools(tools->get<std::string>()) : *tools;
    drop_nulls(extra["tools"]);
  }
  if (const Json* arguments = find(row, "chat_template_kwargs")) extra.update(*arguments);
  return extra;
}

/// Labels of tokens outside the spans become unscored; a token that overlaps a span is scored. `speaks`: the
/// row has an assistant message.
void mask_all_but(const std::vector<std::pair<std::size_t, std::size_t>>& spans, const Encoding& encoding,
                  bool speaks, PreparedRow& row) {
  bool any = false;
  for (std::size_t i = 0; i < row.labels.size(); ++i) {
    const auto& token = encoding.offsets[i];
    const bool spoken = std::ranges::any_of(
        spans, [&token](const auto& span) { return token.first < span.second && token.second > span.first; });
    if (!spoken) row.labels[i] = kIgnoreLabel;
    any = any || spoken;
  }
  if (any) return;
  if (!speaks) {
    throw Error("assistant_only_loss = true, but the row has no message with the role 'assistant'");
  }
  throw Error(
      "assistant_only_loss = true, but the chat template marks no part of this row with {% generation %}; "
      "set chat_template_path in [data] to a template that does");
}

}  // namespace

TextProcessor text_processor(const std::filesystem::path& model_folder, const DataOptions& options) {
  return TextProcessor::from_folder(
      model_folder, {options.chat_template_path, options.eos_token, options.assistant_only_loss});
}

RowPreparer::RowPreparer(const TextProcessor& text, const DataOptions& options, std::int64_t vocab_size)
    : text_(text), options_(options), vocab_size_(vocab_size) {}

std::vector<std::string> RowPreparer::columns(const DataOptions& options) {
  return {
      "messages", "conversations",   "prompt",          "completion", options.dataset_text_field, "input_ids",
      "labels",   "completion_mask", "assistant_masks", "tools",      "chat_template_kwargs"};
}

PreparedRow RowPreparer::prepare(std::string_view line) const {
  const Json row = parse_object(line);
  PreparedRow result;
  if (find(row, "input_ids") != nullptr) {
    result = from_ids(row);
  } else if (const Json* messages = find(row, "messages")) {
    result = from_messages(row, normalised_messages(*messages, "messages"));
  } else if (const Json* conversations = find(row, "conversations")) {
    result = from_messages(row, normalised_messages(*conversations, "conversations"));
  } else if (find(row, "prompt") != nullptr && find(row, "completion") != nullptr) {
    result = from_prompt_completion(row);
  } else if (find(row, options_.dataset_text_field) != nullptr) {
    result = from_text(row);
  } else {
    std::string keys;
    for (const auto& [key, value] : row.items()) keys += (keys.empty() ? "" : ", ") + key;
    throw Error(
        fmt::format("no 'messages', 'prompt' and 'completion', '{}' or 'input_ids' in the row; found: {}",
                    options_.dataset_text_field, keys.empty() ? "nothing" : keys));
  }
  for (const std::int32_t id : result.input_ids) {
    if (id < 0 || id >= vocab_size_) {
      throw Error(
          fmt::format("token id {} is outside the model's vocabulary of {}; tokenizer and model do not match",
                      id, vocab_size_));
    }
  }
  return result;
}

PreparedRow RowPreparer::from_ids(const Json& row) const {
  PreparedRow result;
  result.input_ids = integers(row["input_ids"], "input_ids");
  if (const Json* labels = find(row, "labels")) {
    result.labels = integers(*labels, "labels");
    if (result.labels.size() != result.input_ids.size()) {
      throw Error(fmt::format("'labels' has {} entries, 'input_ids' has {}", result.labels.size(),
                              result.input_ids.size()));
    }
    for (std::size_t i = 0; i < result.labels.size(); ++i) {
      const std::int32_t label = result.labels[i];
      if (label != kIgnoreLabel && (label < 0 || label >= vocab_size_)) {
        throw Error(fmt::format("'labels'[{}] is {}, expected a token id or {}", i, label, kIgnoreIndex));
      }
    }
    return result;
  }
  result.labels = result.input_ids;
  const Json* completion = find(row, "completion_mask");
  if (completion != nullptr && options_.completion_only_loss.value_or(true)) {
    apply_mask(result, integers(*completion, "completion_mask"), "completion_mask");
  }
  if (const Json* assistant = find(row, "assistant_masks")) {
    apply_mask(result, integers(*assistant, "assistant_masks"), "assistant_masks");
  }
  return result;
}

void RowPreparer::require_completion_mask(const char* format) const {
  if (options_.completion_only_loss.value_or(false)) {
    throw Error(
        fmt::format("completion_only_loss = true needs 'prompt' and 'completion', found '{}'", format));
  }
}

PreparedRow RowPreparer::from_text(const Json& row) const {
  require_completion_mask(options_.dataset_text_field.c_str());
  if (options_.assistant_only_loss)
    throw Error("assistant_only_loss = true needs 'messages', found plain text");
  const std::string text =
      text_.with_eos(text_of(row[options_.dataset_text_field], options_.dataset_text_field));
  PreparedRow result;
  result.input_ids = text_.tokenizer().encode(text, /*add_special_tokens=*/true).ids;
  result.labels = result.input_ids;
  return result;
}

PreparedRow RowPreparer::render(const Json& row, const Json& messages, std::size_t first_scored) const {
  const Json arguments = template_arguments(row);
  const RenderedChat chat = options_.assistant_only_loss
                                ? text_.render_with_spans(messages, arguments, first_scored)
                                : text_.render(messages, /*add_generation_prompt=*/false, arguments);
  const Encoding encoding = text_.tokenizer().encode(chat.text, false, options_.assistant_only_loss);
  PreparedRow result;
  result.input_ids = encoding.ids;
  result.labels = result.input_ids;
  if (options_.assistant_only_loss) {
    const bool speaks = std::ranges::any_of(
        messages, [](const Json& message) { return message.value("role", "") == "assistant"; });
    mask_all_but(chat.assistant_spans, encoding, speaks, result);
    result.spans_by_prefixes = !text_.marks_assistant(arguments);
  }
  return result;
}

PreparedRow RowPreparer::from_messages(const Json& row, const Json& messages) const {
  require_completion_mask("messages");
  return render(row, messages, 0);
}

PreparedRow RowPreparer::from_prompt_completion(const Json& row) const {
  const bool mask = options_.completion_only_loss.value_or(true);
  PreparedRow result;
  if (row["prompt"].is_array()) {
    Json messages = normalised_messages(row["prompt"], "prompt");
    const std::string prompt = text_.render(messages, true, template_arguments(row)).text;
    for (Json& message : normalised_messages(row["completion"], "completion"))
      messages.push_back(std::move(message));
    result = render(row, messages, mask ? row["prompt"].size() : 0);
    if (mask) mask_prompt(result, text_.tokenizer().encode(prompt, false).ids);
    return result;
  }
  if (options_.assistant_only_loss) throw Error("assistant_only_loss = true needs messages, found strings");
  const std::string prompt = text_of(row["prompt"], "prompt");
  const std::string whole = prompt + text_.with_eos(text_of(row["completion"], "completion"));
  result.input_ids = text_.tokenizer().encode(whole, true).ids;
  result.labels = result.input_ids;
  if (mask) mask_prompt(result, text_.tokenizer().encode(prompt, true).ids);
  return result;
}

}  // namespace sift
