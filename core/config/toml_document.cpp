#include "config/toml_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "api/error.h"
#include "api/options.h"

#define TOML_EXCEPTIONS 1
// A header like [=] fails an assertion of the parser although the parser goes on to report it well; with
// NDEBUG some compilers would even optimise by it.
#define TOML_ASSERT(expression) static_assert(true)
#pragma push_macro("NDEBUG")
#undef NDEBUG
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

namespace sift {
namespace {

Place place_of(const toml::source_region& source) {
  Place place;
  if (source.begin.line > 0) {
    place.line = source.begin.line;
    place.column = source.begin.column;
  }
  return place;
}

TomlTable convert_table(const toml::table& table);

template <class T>
std::string text_of(const T& value) {
  std::ostringstream stream;
  stream << value;
  return stream.str();
}

TomlValue convert(const toml::node& node) {
  TomlValue value;
  value.place = place_of(node.source());
  node.visit([&](const auto& typed) {
    if constexpr (toml::is_table<decltype(typed)>) {
      value.data = convert_table(typed);
    } else if constexpr (toml::is_array<decltype(typed)>) {
      TomlArray items;
      for (const toml::node& item : typed) items.push_back(convert(item));
      value.data = std::move(items);
    } else if constexpr (toml::is_chronological<decltype(typed)>) {
      value.data = TomlMoment{text_of(*typed)};
    } else {
      value.data = typed.get();
    }
  });
  return value;
}

TomlTable convert_table(const toml::table& table) {
  TomlTable entries;
  for (const auto& [key, node] : table) {
    entries.push_back({std::string(key.str()), place_of(key.source()), convert(node)});
  }
  return entries;
}

/// One past the end of the string that begins at `begin`, or where its line ends without one.
std::size_t end_of_string(const std::string& text, std::size_t begin) {
  const char quote = text[begin];
  const bool is_long = text.compare(begin, 3, std::string(3, quote)) == 0;
  const std::string closing(is_long ? 3 : 1, quote);
  std::size_t i = begin + closing.size();
  while (i < text.size() && text.compare(i, closing.size(), closing) != 0) {
    if (text[i] == '\n' && !is_long) return i;
    i += text[i] == '\\' && quote == '"' ? 2 : 1;
  }
  i = std::min(i + closing.size(), text.size());
  // A long string may end in one or two quotes of its own.
  for (int extra = 0; is_long && extra < 2 && i < text.size() && text[i] == quote; ++extra) ++i;
  return i;
}

/// Where the first letter beyond ASCII stands that is in no string and no comment. TOML has none there, and
/// some of them are undefined behaviour in the parser.
std::optional<std::size_t> stray_letter(const std::string& text) {
  const std::string byte_order_mark = "\xEF\xBB\xBF";
  std::size_t i = text.compare(0, byte_order_mark.size(), byte_order_mark) == 0 ? byte_order_mark.size() : 0;
  while (i < text.size()) {
    if (static_cast<unsigned char>(text[i]) >= 0x80) return i;
    if (text[i] == '#') {
      i = std::min(text.find('\n', i), text.size());
    } else if (text[i] == '"' || text[i] == '\'') {
      i = end_of_string(text, i);
    } else {
      ++i;
    }
  }
  return std::nullopt;
}

/// Where a key stands whose dots would nest tables deeper than this: the parser, and whoever walks over what
/// it made, recurses by one level for each. Lists and inline tables it limits by itself.
std::optional<std::size_t> too_deep_key(const std::string& text) {
  constexpr int kMaxDots = 32;
  int dots = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '#') {
      i = std::min(text.find('\n', i), text.size());
      continue;
    }
    if (text[i] == '"' || text[i] == '\'') {
      i = end_of_string(text, i);
      continue;
    }
    if (text[i] == '.' && ++dots > kMaxDots) return i;
    if (std::string_view("\n,={}[]").find(text[i]) != std::string_view::npos) dots = 0;
    ++i;
  }
  return std::nullopt;
}

Place place_in(const std::string& text, std::size_t offset) {
  Place place;
  for (std::size_t i = 0; i < offset; ++i) {
    if (text[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {  // counts letters, not bytes
      ++place.column;
    }
  }
  return place;
}

}  // namespace

TomlTable parse_toml(const std::string& text, const std::string& file) {
  if (const auto stray = stray_letter(text)) {
    const Place place = place_in(text, *stray);
    throw Error(fmt::format("{}:{}:{}: this is not TOML: a letter that is not ASCII stands outside of quotes",
                            file, place.line, place.column));
  }
  if (const auto deep = too_deep_key(text)) {
    const Place place = place_in(text, *deep);
    throw Error(fmt::format("{}:{}:{}: this is not a configuration: a key of more than 32 dots", file,
                            place.line, place.column));
  }
  try {
    return convert_table(toml::parse(text, file));
  } catch (const toml::parse_error& error) {
    const Place place = place_of(error.source());
    throw Error(fmt::format("{}:{}:{}: this is not TOML: {}", file, place.line, place.column,
                            std::string(error.description())));
  }
}

std::optional<TomlValue> parse_toml_value(const std::string& text) {
  if (stray_letter(text) || too_deep_key(text)) return std::nullopt;
  try {
    const TomlTable table = convert_table(toml::parse("value = " + text));
    // A line break in `text` could have begun another entry or section.
    if (table.size() == 1 && table.front().key == "value") return table.front().value;
  } catch (const toml::parse_error&) {
  }
  return std::nullopt;
}

const TomlEntry* find_entry(const TomlTable& table, const std::string& key) {
  for (const TomlEntry& entry : table) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

TomlEntry* find_entry(TomlTable& table, const std::string& key) {
  return const_cast<TomlEntry*>(find_entry(std::as_const(table), key));
}

std::string describe(const TomlValue& value) {
  if (const auto* flag = std::get_if<bool>(&value.data)) return to_toml(*flag);
  if (const auto* integer = std::get_if<std::int64_t>(&value.data)) return to_toml(*integer);
  if (const auto* number = std::get_if<double>(&value.data)) return to_toml(*number);
  if (const auto* moment = std::get_if<TomlMoment>(&value.data)) return "the date or time " + moment->text;
  if (const auto* text = value.string()) return to_toml(*text);
  return value.table() ? "a table" : "a list";
}

}  // namespace sift
