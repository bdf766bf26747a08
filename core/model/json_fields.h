#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace sift {

/// The keys of one JSON object, read with their types checked. A key that is absent and a key that is null
/// are the same, as in transformers. Every failure is an Error naming the file, the key, what was found and
/// what was expected.
class JsonFields {
 public:
  /// `object` must outlive this. `where` names the file (and the part of it) in messages.
  JsonFields(const nlohmann::ordered_json& object, std::string where);

  bool has(const std::string& key) const;

  std::int64_t integer(const std::string& key) const;
  std::int64_t integer_or(const std::string& key, std::int64_t fallback) const;
  std::int64_t positive(const std::string& key) const;
  std::int64_t positive_or(const std::string& key, std::int64_t fallback) const;
  double number(const std::string& key) const;  ///< finite
  double number_or(const std::string& key, double fallback) const;
  bool flag_or(const std::string& key, bool fallback) const;
  std::string text(const std::string& key) const;
  std::string text_or(const std::string& key, const std::string& fallback) const;

  /// The value of a key that must be there.
  const nlohmann::ordered_json& value(const std::string& key) const;
  const nlohmann::ordered_json& object() const { return object_; }
  const std::string& where() const { return where_; }
  /// Throws "<where>: '<key>' is <found>; <expected>".
  [[noreturn]] void fail(const std::string& key, const std::string& expected) const;

 private:
  const nlohmann::ordered_json& object_;
  std::string where_;
};

/// The whole file as JSON. Throws Error naming the file when it cannot be read or is not JSON.
nlohmann::ordered_json read_json_file(const std::filesystem::path& file);

}  // namespace sift
