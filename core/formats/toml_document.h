#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "formats/diagnostics.h"

namespace sift {

// A TOML file as plain values with their places. Only the .cpp file uses the TOML library.

struct TomlValue;
struct TomlEntry;
using TomlArray = std::vector<TomlValue>;
using TomlTable = std::vector<TomlEntry>;  ///< no two entries with the same key

/// A date or a time; no option accepts one.
struct TomlMoment {
  std::string text;
};

struct TomlValue {
  std::variant<bool, std::int64_t, double, std::string, TomlMoment, TomlArray, TomlTable> data;
  Place place;

  const TomlTable* table() const { return std::get_if<TomlTable>(&data); }
  const TomlArray* array() const { return std::get_if<TomlArray>(&data); }
  const std::string* string() const { return std::get_if<std::string>(&data); }
};

struct TomlEntry {
  std::string key;
  Place place;  ///< of the key
  TomlValue value;
};

/// Throws Error "file:line:column: ..." if `text` is not TOML.
TomlTable parse_toml(const std::string& text, const std::string& file);
/// `text` as the right-hand side of `key = text`; nothing if it is not a TOML value.
std::optional<TomlValue> parse_toml_value(const std::string& text);

/// nullptr if there is none.
const TomlEntry* find_entry(const TomlTable& table, const std::string& key);
TomlEntry* find_entry(TomlTable& table, const std::string& key);

/// A value as an error shows it: "3.5", "a table", "a list".
std::string describe(const TomlValue& value);

}  // namespace sift
