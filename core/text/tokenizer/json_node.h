#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace sift::text {

/// A value of a JSON file that knows where it stands, so that every complaint about it says so. Refers to the
/// document and to the file name, which must outlive it.
class JsonNode {
 public:
  JsonNode(const nlohmann::json& value, const std::string& file) : value_(&value), file_(&file) {}

  const nlohmann::json& value() const { return *value_; }
  /// The file and the path in it, as messages begin: "tokenizer.json: model.merges[3]".
  std::string where() const;

  /// A member that must be there.
  JsonNode at(const std::string& key) const;
  /// A member, or nothing if it is missing or null.
  std::optional<JsonNode> find(const std::string& key) const;
  JsonNode element(std::size_t index) const;
  /// Number of elements; throws unless this is an array.
  std::size_t size() const;

  std::string string() const;
  bool boolean() const;
  std::int64_t integer() const;
  /// A string of exactly one character.
  char32_t character() const;
  std::string string_or(const std::string& key, const std::string& missing) const;
  bool boolean_or(const std::string& key, bool missing) const;

  [[noreturn]] void fail(std::string_view message) const;
  /// For a component whose `type` Sift does not have: names it and lists those that it has.
  [[noreturn]] void fail_unsupported(std::string_view kind, std::string_view type,
                                     std::string_view supported) const;

 private:
  [[noreturn]] void fail_type(std::string_view expected) const;
  const nlohmann::json* value_;
  const std::string* file_;
  std::string path_;
};

}  // namespace sift::text
