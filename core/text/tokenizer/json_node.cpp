#include "text/tokenizer/json_node.h"

#include <fmt/format.h>

#include <sift/error.h>
#include "text/tokenizer/utf8.h"

namespace sift::text {

std::string JsonNode::where() const {
  return path_.empty() ? *file_ : fmt::format("{}: {}", *file_, path_);
}

void JsonNode::fail(std::string_view message) const {
  throw Error(fmt::format("{}: {}", where(), message));
}

void JsonNode::fail_unsupported(std::string_view kind, std::string_view type,
                                std::string_view supported) const {
  fail(fmt::format("the {} '{}' is not supported; supported: {}", kind, type, supported));
}

void JsonNode::fail_type(std::string_view expected) const {
  fail(fmt::format("expected {}, found {}", expected, value_->type_name()));
}

std::optional<JsonNode> JsonNode::find(const std::string& key) const {
  if (!value_->is_object()) fail_type("an object");
  const auto found = value_->find(key);
  if (found == value_->end() || found->is_null()) return std::nullopt;
  JsonNode node(*found, *file_);
  node.path_ = path_.empty() ? key : fmt::format("{}.{}", path_, key);
  return node;
}

JsonNode JsonNode::at(const std::string& key) const {
  std::optional<JsonNode> node = find(key);
  if (!node) fail(fmt::format("'{}' is missing", key));
  return *std::move(node);
}

std::size_t JsonNode::size() const {
  if (!value_->is_array()) fail_type("an array");
  return value_->size();
}

JsonNode JsonNode::element(std::size_t index) const {
  JsonNode node(value_->at(index), *file_);
  node.path_ = fmt::format("{}[{}]", path_, index);
  return node;
}

std::string JsonNode::string() const {
  if (!value_->is_string()) fail_type("a string");
  return value_->get<std::string>();
}

bool JsonNode::boolean() const {
  if (!value_->is_boolean()) fail_type("true or false");
  return value_->get<bool>();
}

std::int64_t JsonNode::integer() const {
  if (!value_->is_number_integer()) fail_type("an integer");
  return value_->get<std::int64_t>();
}

char32_t JsonNode::character() const {
  const std::string text = string();
  if (text.empty() || utf8_length(text[0]) != text.size()) {
    fail(fmt::format("expected one character, found '{}'", text));
  }
  return decode_utf8(text, 0).code_point;
}

std::string JsonNode::string_or(const std::string& key, const std::string& missing) const {
  const std::optional<JsonNode> node = find(key);
  return node ? node->string() : missing;
}

bool JsonNode::boolean_or(const std::string& key, bool missing) const {
  const std::optional<JsonNode> node = find(key);
  return node ? node->boolean() : missing;
}

}  // namespace sift::text
