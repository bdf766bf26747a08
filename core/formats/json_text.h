#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sift/error.h>
#include "base/file_text.h"

namespace sift {

/// The maximum nesting depth of JSON files. Copying, comparing and printing values recurse, so a file of
/// brackets could otherwise exhaust the stack.
inline constexpr int kMaxJsonDepth = 500;

/// Throws Error, without a place, if the text is nested deeper or has a zero byte, at which the JSON library
/// would end. The text need not be valid JSON.
void check_json_text(std::string_view text);

/// A JSON text in which null replaces each NaN, Infinity and -Infinity, which Python writes and JSON lacks.
struct NonfiniteAsNull {
  std::string text;
  std::vector<std::optional<double>> nulls;  ///< for each null of the text in order: the number it replaces
};

/// Nothing if the text holds no such number outside of strings. The text need not be valid JSON.
std::optional<NonfiniteAsNull> nonfinite_as_null(std::string_view text);

/// What is wrong with a text that the JSON library refused, in one line: "not valid JSON: ...".
std::string json_fault(std::string_view text, const nlohmann::json::exception& error);

/// JSON from an untrusted source; a byte order mark may precede it. NaN, Infinity and -Infinity become such
/// numbers. Throws Error, without a place. See parse_exact_json() for rows.
template <class Json>
Json parse_json(std::string_view text);

extern template nlohmann::json parse_json(std::string_view text);
extern template nlohmann::ordered_json parse_json(std::string_view text);

/// The same with `where`, for example the name of a file, at the beginning of the error.
template <class Json>
Json parse_json(std::string_view text, const std::string& where) {
  try {
    return parse_json<Json>(text);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", where, error.what()));
  }
}

/// The JSON of a file. Throws Error that names the file.
template <class Json>
Json read_json_file(const std::filesystem::path& file) {
  return parse_json<Json>(file_text(file), file.string());
}

/// The JSON object of a file that is optional: an empty one if the file is missing or holds anything else.
/// Throws Error if it is nested too deeply or has a zero byte.
template <class Json>
Json read_object_or_empty(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return Json::object();
  const std::string text = file_text(file);
  try {
    check_json_text(text);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", file.string(), error.what()));
  }
  try {
    Json json = parse_json<Json>(text);
    return json.is_object() ? json : Json::object();
  } catch (const Error&) {
    return Json::object();
  }
}

}  // namespace sift
