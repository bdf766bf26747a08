#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include <sift/error.h>

namespace sift {

/// How deep JSON of a file may be nested. Copying, comparing and printing values recurses, so that a file of
/// brackets alone would otherwise exhaust the stack.
inline constexpr int kMaxJsonDepth = 500;

/// Throws Error, without a place, for JSON nested deeper than that. The text need not be JSON.
void check_json_depth(std::string_view text);

/// The error text of the JSON library, which quotes its input, truncated to fit on a line.
std::string shown_json_error(const nlohmann::json::exception& error);

/// JSON that anyone may have written. Throws Error, without a place.
template <class Json>
Json parse_json(std::string_view text) {
  check_json_depth(text);
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    throw Error("not valid JSON: " + shown_json_error(error));
  }
}

/// The same for what stands in `where`, a file for one, which begins the text of the error.
template <class Json>
Json parse_json(std::string_view text, const std::string& where) {
  try {
    return parse_json<Json>(text);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", where, error.what()));
  }
}

/// The whole number under `key` of an object. The library's own get() turns any number into the type that is
/// asked for, and what does not fit is undefined. Throws Error without a place, or the library's exception
/// for a key that is missing.
template <class Json>
std::int64_t whole_number(const Json& object, const char* key) {
  const Json& found = object.at(key);
  const bool is_signed = found.is_number_integer() && !found.is_number_unsigned();
  if (!is_signed && !(found.is_number_unsigned() && found.template get<std::uint64_t>() <= INT64_MAX)) {
    constexpr std::size_t kMaxShown = 60;
    throw Error(fmt::format("'{}' is {}; expected a whole number", key,
                            found.dump(-1, ' ', true).substr(0, kMaxShown)));
  }
  return found.template get<std::int64_t>();
}

}  // namespace sift
