#include "formats/json_text.h"

#include <algorithm>
#include <limits>

#include "formats/file_kind.h"
#include "formats/json_builder.h"

namespace sift {
namespace {

constexpr std::size_t kHeadBytes = 512;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Word {
  std::string_view text;
  std::optional<double> number;
};

// all that outside of strings begins with one of these letters
const Word kWords[] = {{"null", std::nullopt},
                       {"NaN", std::numeric_limits<double>::quiet_NaN()},
                       {"Infinity", kInfinity},
                       {"-Infinity", -kInfinity}};

const Word* word_at(std::string_view text, std::size_t at) {
  const auto* const found =
      std::ranges::find_if(kWords, [&](const Word& word) { return text.substr(at).starts_with(word.text); });
  return found == std::end(kWords) ? nullptr : found;
}

/// The end of the string whose opening quote is at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

/// The part of a text around byte `at`, on one line, in ASCII.
std::string shown_around(std::string_view text, std::size_t at) {
  constexpr std::size_t kBefore = 20, kMost = 40;
  const std::size_t begin = at < kBefore ? 0 : at - kBefore;
  std::string shown;
  for (const char letter : text.substr(begin, kMost)) {
    const bool plain = letter >= ' ' && letter <= '~';
    shown += plain ? letter : letter == '\n' || letter == '\t' || letter == '\r' ? ' ' : '?';
  }
  return fmt::format("{}{}{}", begin > 0 ? "..." : "", shown, begin + kMost < text.size() ? "..." : "");
}

/// "line 3, column 7" of byte `at`, both from 1; the column alone if the text is one line.
std::string shown_position(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const auto line = std::ranges::count(before, '\n') + 1;
  const std::size_t column = at - (before.rfind('\n') + 1) + 1;
  const bool one_line = text.find('\n') >= text.find_last_not_of(" \t\r\n");
  return one_line ? fmt::format("column {}", column) : fmt::format("line {}, column {}", line, column);
}

/// Why, as far as the message of the library or the letters there tell.
std::string reason(std::string_view text, std::size_t at, std::string_view message) {
  const auto tells = [&](const char* words) { return message.find(words) != std::string_view::npos; };
  if (tells("ill-formed UTF-8")) return "bytes that are not UTF-8";
  if (tells("surrogate")) return "half of a surrogate pair (\\ud800 to \\udfff)";
  if (tells("control character"))
    return "a line break or control character inside a string; escape it, as \\n";
  if (tells("invalid string")) return "a string that is not closed or has an unknown escape";
  const std::size_t word = std::min(text.find_last_of(" \t\r\n:,[{", at), at);
  const std::string_view left = text.substr(word < at ? word + 1 : at);
  for (const auto& [python, json] :
       {std::pair{"True", "true"}, std::pair{"False", "false"}, std::pair{"None", "null"}}) {
    if (left.starts_with(python)) return fmt::format("found {}, expected {}", python, json);
  }
  if (text[at] == '\'') return "found a single quote; strings have double quotes";
  if (text[at] == '/' || text[at] == '#') return "comments are not part of JSON";
  if (text[at] == '}' || text[at] == ']')
    return fmt::format("found '{}' where a value or key is due", text[at]);
  return "unexpected content";
}

void check_depth(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char letter = text[i];
    if (letter == '"') {
      i = end_of_string(text, i);
      continue;
    }
    if (letter == '[' || letter == '{') ++depth;
    if (letter == ']' || letter == '}') --depth;
    if (depth > kMaxJsonDepth) {
      throw Error(
          fmt::format("nested deeper than {} lists and objects (at byte {}), more than Sift reads; write the "
                      "file with less nesting",
                      kMaxJsonDepth, i));
    }
    ++i;
  }
}

void check_no_zero_byte(std::string_view text) {
  const std::size_t at = text.find('\0');
  if (at == std::string_view::npos) return;
  throw Error("not valid JSON: " +
              mistaken_content(text.substr(0, kHeadBytes))
                  .value_or(fmt::format("zero bytes from byte {} on: the file is damaged; "
                                        "copy or download it again",
                                        at)));
}

}  // namespace

void check_json_text(std::string_view text) {
  check_no_zero_byte(text);
  check_depth(text);
}

std::optional<NonfiniteAsNull> nonfinite_as_null(std::string_view text) {
  // nearly every text is without them, and this search is fast
  if (text.find("NaN") == std::string_view::npos && text.find("Infinity") == std::string_view::npos)
    return std::nullopt;
  NonfiniteAsNull result;
  bool any = false;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      const std::size_t end = end_of_string(text, i);
      result.text += text.substr(i, end - i);
      i = end;
    } else if (const Word* word = word_at(text, i)) {
      result.text += "null";
      result.nulls.push_back(word->number);
      any = any || word->number;
      i += word->text.size();
    } else {
      result.text += text[i++];
    }
  }
  return any ? std::optional(std::move(result)) : std::nullopt;
}

std::string json_fault(std::string_view text, const nlohmann::json::exception& error) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return "not valid JSON: the text is empty";
  if (auto mistake = mistaken_content(text.substr(0, kHeadBytes))) return "not valid JSON: " + *mistake;
  const auto* parse_error = dynamic_cast<const nlohmann::json::parse_error*>(&error);
  if (parse_error == nullptr) return "not valid JSON: a number is too large";
  const std::string_view message = error.what();
  if (message.find("unexpected end of input") != std::string_view::npos || parse_error->byte > text.size())
    return fmt::format("not valid JSON: the text ends too early: {}", shown_around(text, text.size()));
  const std::size_t at = parse_error->byte == 0 ? 0 : parse_error->byte - 1;
  return fmt::format("not valid JSON: {}: {}: {}", shown_position(text, at), reason(text, at, message),
                     shown_around(text, at));
}

template <class Json>
Json parse_json(std::string_view text) {
  return JsonBuilder<Json>(text).build();
}

template nlohmann::json parse_json(std::string_view text);
template nlohmann::ordered_json parse_json(std::string_view text);

}  // namespace sift
