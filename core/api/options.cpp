#include <sift/options.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include <sift/error.h>
#include "base/did_you_mean.h"
#include "base/utf8.h"

namespace sift {
namespace {

/// The number in a value of type "integer" or "number"; NaN, which no range holds, for any other.
double number_in(const OptionValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return std::nan("");
}

std::string quote(const std::string& text) {
  std::string out = "\"";
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      out += {'\\', letter};
    } else if (letter == '\n') {
      out += "\\n";
    } else if (letter == '\t') {
      out += "\\t";
    } else if (code < 0x20 || code == 0x7F) {
      out += fmt::format("\\u{:04X}", code);
    } else {
      out += letter;
    }
  }
  return out + "\"";
}

std::string number_text(double number) {
  std::string text = fmt::format("{}", number);
  // "1" would read back as an integer; nan and inf are TOML as they are.
  if (text.find_first_of(".eni") == std::string::npos) text += ".0";
  return text;
}

std::string key_text(const std::string& key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '_' || letter == '-';
  });
  return bare ? key : quote(key);
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

struct ToToml {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return number_text(value); }
  std::string operator()(const std::string& value) const { return quote(value); }
  std::string operator()(const std::vector<std::string>& value) const {
    std::vector<std::string> items;
    for (const std::string& item : value) items.push_back(quote(item));
    return fmt::format("[{}]", joined(items));
  }
  std::string operator()(const std::vector<std::int64_t>& value) const {
    return fmt::format("[{}]", fmt::join(value, ", "));
  }
  std::string operator()(const ScalarTable& value) const {
    std::vector<std::string> items;
    for (const auto& [key, scalar] : value) {
      items.push_back(fmt::format("{} = {}", key_text(key), std::visit(*this, scalar)));
    }
    return items.empty() ? "{}" : fmt::format("{{ {} }}", joined(items));
  }
};

/// A value as an error shows it: TOML, cut where it would fill the screen.
std::string shown(const OptionValue& value) {
  constexpr std::size_t kLongest = 80;
  std::string text = to_toml(value);
  if (text.size() <= kLongest) return text;
  return text.substr(0, utf8_boundary(text, kLongest)) + "...";
}

/// What to write instead, where a value of the wrong type says what was meant.
std::string wrong_type_hint(const OptionSpec& spec, const OptionValue& value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: up to here every whole number is a double
  if (const auto* number = std::get_if<double>(&value)) {
    const bool whole = std::floor(*number) == *number && std::abs(*number) < kExact;
    if (spec.type == "integer" && whole) {
      return fmt::format("; an integer has no decimal point and no exponent, write {:.0f}", *number);
    }
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    const std::string found = spec.type == "boolean" ? nearest(*text, {"true", "false"}) : "";
    if (!found.empty()) return "; write " + found;
    if (spec.type == "integer" || spec.type == "number") return "; a number has no quotes";
  }
  return {};
}

bool is_finite(const OptionValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return std::isfinite(*number);
  if (const auto* table = std::get_if<ScalarTable>(&value)) {
    return std::all_of(table->begin(), table->end(), [](const auto& entry) {
      const auto* number = std::get_if<double>(&entry.second);
      return number == nullptr || std::isfinite(*number);
    });
  }
  return true;
}

bool has_type(const OptionSpec& spec, const OptionValue& value) {
  static const std::map<std::string, std::size_t> alternatives = {
      {"boolean", 1},         {"integer", 2}, {"number", 3},          {"string", 4},
      {"list of strings", 5}, {"table", 6},   {"list of integers", 7}};
  return value.index() == alternatives.at(spec.type);
}

}  // namespace

Range at_least(double low) {
  return {fmt::format("at least {}", low), [=](const OptionValue& value) { return number_in(value) >= low; }};
}

Range above(double low) {
  return {fmt::format("above {}", low), [=](const OptionValue& value) { return number_in(value) > low; }};
}

Range between(double low, double high) {
  return {fmt::format("between {} and {}", low, high),
          [=](const OptionValue& value) { return number_in(value) >= low && number_in(value) <= high; }};
}

Range one_of(std::initializer_list<std::string> names) {
  const std::vector<std::string> choice = names;
  std::vector<std::string> texts;
  for (const std::string& name : choice) texts.push_back(quote(name));
  return {fmt::format("one of {}", joined(texts)),
          [=](const OptionValue& value) {
            const auto* text = std::get_if<std::string>(&value);
            return text != nullptr && std::find(choice.begin(), choice.end(), *text) != choice.end();
          },
          choice};
}

Range not_empty() {
  return {"not empty", [](const OptionValue& value) {
            if (const auto* text = std::get_if<std::string>(&value)) return !text->empty();
            if (const auto* table = std::get_if<ScalarTable>(&value)) return !table->empty();
            const auto* list = std::get_if<std::vector<std::string>>(&value);
            return list != nullptr && !list->empty() &&
                   std::find(list->begin(), list->end(), "") == list->end();
          }};
}

Range steps_or_ratio() {
  return {"an integer of at least 1, or a fraction of max_steps above 0 and below 1",
          [](const OptionValue& value) {
            const double number = number_in(value);
            return number > 0 && (number < 1 || std::floor(number) == number);
          }};
}

bool is_required(const OptionSpec& spec) {
  return !spec.optional && spec.range.holds && !spec.range.holds(spec.default_value);
}

std::string type_phrase(const OptionSpec& spec) {
  return (spec.type == "integer" ? "an " : "a ") + spec.type;
}

OptionValue checked_value(const OptionSpec& spec, const OptionValue& value) {
  OptionValue result = value;
  if (const auto* integer = std::get_if<std::int64_t>(&value); integer && spec.type == "number") {
    result = static_cast<double>(*integer);
  }
  if (const auto* text = std::get_if<std::string>(&value); text && spec.type == "list of strings") {
    result = std::vector<std::string>{*text};
  }
  if (const auto* integer = std::get_if<std::int64_t>(&value); integer && spec.type == "list of integers") {
    result = std::vector<std::int64_t>{*integer};
  }
  if (!has_type(spec, result)) {
    throw Error(fmt::format("expected {}, found {}{}", type_phrase(spec), shown(value),
                            wrong_type_hint(spec, value)));
  }
  if (!is_finite(result)) throw Error(fmt::format("expected a finite number, found {}", shown(value)));
  if (spec.range.holds && !spec.range.holds(result)) {
    const auto* text = std::get_if<std::string>(&result);
    throw Error(fmt::format("expected {}, {}, found {}{} ({})", type_phrase(spec), spec.range.text,
                            shown(value), text ? did_you_mean(*text, spec.range.names) : "", spec.help));
  }
  return result;
}

std::string to_toml(const OptionValue& value) {
  return std::visit(ToToml(), value);
}

}  // namespace sift
