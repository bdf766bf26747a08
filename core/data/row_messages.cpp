#include "data/row_messages.h"

#include "data/row_media.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

/// With the names of ChatML and without nulls.
Json normalised(const Json& message) {
  const bool is_sharegpt = !message.contains("role") && message.contains("from");
  Json result = Json::object();
  for (const auto& [key, value] : message.items()) {
    if (!value.is_null() && !(is_sharegpt && (key == "from" || key == "value"))) result[key] = value;
  }
  if (!is_sharegpt) return result;
  if (!message["from"].is_null()) result["role"] = message["from"];
  const auto content = message.find("value");
  if (content != message.end() && !content->is_null()) result["content"] = *content;
  return result;
}

/// A template would write None, or nothing, where the text is null.
void check_content(const JsonFields& content) {
  if (!content.value().is_array()) return;
  for (const JsonFields& part : content.elements()) {
    if (!part.value().is_object()) continue;
    refuse_media(part);
    const auto text = part.value().find("text");
    const bool is_text = part.value().value("type", Json()) == "text";
    if (is_text && text != part.value().end() && text->is_null()) part.fail("text", "expected a string");
  }
}

}  // namespace

Json row_messages(const JsonFields& list) {
  if (list.size() == 0) list.refuse("expected at least one message");
  Json messages = Json::array();
  for (const JsonFields& message : list.elements()) {
    messages.push_back(normalised(message.object()));
    const JsonFields fields(messages.back(), {}, message.path());
    fields.text("role");
    if (const auto content = fields.find("content")) check_content(*content);
  }
  return messages;
}

}  // namespace sift
