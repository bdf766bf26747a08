#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sift {

// The JSON of a row. Unlike parse_json(), which is for files of settings, it keeps integers of more than 64
// bits: a chat template prints all of their digits, as in Python.

/// Throws Error, without a place.
nlohmann::ordered_json parse_exact_json(std::string_view text);

/// The digits of an integer of more than 64 bits, with their sign; nothing for any other value. They live as
/// long as `value`.
std::optional<std::string_view> big_integer(const nlohmann::ordered_json& value);

/// The value as JSON, at most about 60 bytes of it, for messages.
std::string shown_json(const nlohmann::ordered_json& value);

}  // namespace sift
