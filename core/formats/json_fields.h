#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sift {

/// A value of a JSON file that knows its file and its path in it (model.merges[3].id), and is read with its
/// type checked. In an object, a key that is missing and a key that is null are the same, as in transformers.
///
/// Every failure is an Error: "<file>: '<path>' is <found>; expected <expected>". A JsonFields without the
/// name of a file omits that part, and its caller adds it.
///
/// The document must outlive its JsonFields.
template <class Json>
class BasicJsonFields {
 public:
  explicit BasicJsonFields(const Json& value, std::string file = {}, std::string path = {});

  const Json& value() const { return *value_; }
  const std::string& file() const { return file_; }
  const std::string& path() const { return path_; }
  /// File and path, as messages begin: "tokenizer.json: model.merges[3]".
  std::string where() const;

  // The value itself.
  const Json& object() const;
  std::string text() const;
  bool flag() const;
  double number() const;  ///< finite
  std::int64_t integer() const;
  std::int64_t count() const;     ///< a whole number of at least 0
  std::int64_t positive() const;  ///< from 1 to 2^31: the product of two fits 64 bits
  /// The elements of an array.
  std::vector<BasicJsonFields> elements() const;
  std::size_t size() const;
  BasicJsonFields element(std::size_t index) const;

  // The members of an object.
  bool has(const std::string& key) const;
  std::optional<BasicJsonFields> find(const std::string& key) const;
  BasicJsonFields at(const std::string& key) const;
  /// `fallback` must outlive the result.
  BasicJsonFields at_or(const std::string& key, const Json& fallback) const;

  const Json& value(const std::string& key) const { return at(key).value(); }
  std::string text(const std::string& key) const { return at(key).text(); }
  bool flag(const std::string& key) const { return at(key).flag(); }
  double number(const std::string& key) const { return at(key).number(); }
  std::int64_t integer(const std::string& key) const { return at(key).integer(); }
  std::int64_t count(const std::string& key) const { return at(key).count(); }
  std::int64_t positive(const std::string& key) const { return at(key).positive(); }
  std::vector<BasicJsonFields> elements(const std::string& key) const { return at(key).elements(); }

  std::string text_or(const std::string& key, const std::string& fallback) const;
  bool flag_or(const std::string& key, bool fallback) const;
  double number_or(const std::string& key, double fallback) const;
  std::int64_t integer_or(const std::string& key, std::int64_t fallback) const;
  std::int64_t positive_or(const std::string& key, std::int64_t fallback) const;

  /// Throws "<file>: '<path>' is <found>; <expected>", for the value or for a member of the object.
  [[noreturn]] void refuse(std::string_view expected) const;
  [[noreturn]] void fail(const std::string& key, std::string_view expected) const;
  /// Throws "<file>: <path>: <message>".
  [[noreturn]] void fail(std::string_view message) const;
  /// For a value that names a `kind` of thing Sift does not have. `supported` lists those that it has.
  [[noreturn]] void fail_unsupported(std::string_view kind, std::string_view name,
                                     std::string_view supported) const;

 private:
  std::string path_of(const std::string& key) const;
  [[noreturn]] void fail_at(const std::string& path, const std::string& problem) const;

  const Json* value_;
  std::string file_;
  std::string path_;
};

/// Keys in the order of the file.
using JsonFields = BasicJsonFields<nlohmann::ordered_json>;
/// Keys in alphabetical order, which finds one among thousands faster.
using SortedJsonFields = BasicJsonFields<nlohmann::json>;

extern template class BasicJsonFields<nlohmann::ordered_json>;
extern template class BasicJsonFields<nlohmann::json>;

}  // namespace sift
