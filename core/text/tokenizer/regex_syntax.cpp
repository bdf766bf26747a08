#include "text/tokenizer/regex_syntax.h"

#include <fmt/format.h>

#include <cctype>
#include <utility>
#include <vector>

#include <sift/error.h>

namespace sift::text {
namespace {

// What Oniguruma's shorthands hold, spelled out as items of a class, because PCRE2's differ under UCP: its \s
// also takes U+180E, its \w leaves out marks and connectors.
constexpr std::string_view kSpaceItems = R"(\p{Z}\x{9}-\x{D}\x{85})";
constexpr std::string_view kWordItems = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc})";
// Outside a class, Oniguruma also takes Latin-1's superscripts and fractions for word characters.
constexpr std::string_view kBareWordItems =
    R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE})";
constexpr std::string_view kHexItems = "0-9A-Fa-f";

constexpr std::pair<std::string_view, std::string_view> kPosixClasses[] = {
    {"alnum", R"(\p{Alphabetic}\p{Nd})"}, {"alpha", R"(\p{Alphabetic})"}, {"digit", R"(\p{Nd})"},
    {"lower", R"(\p{Lowercase})"},        {"punct", R"(\p{P}\p{S})"},     {"space", kSpaceItems},
    {"upper", R"(\p{Uppercase})"},        {"word", kWordItems},           {"xdigit", kHexItems}};

class Translator {
 public:
  Translator(std::string_view pattern, const std::string& where) : pattern_(pattern), where_(where) {}

  std::string run() {
    while (pos_ < pattern_.size()) {
      const char c = pattern_[pos_];
      if (!in_class_ && c == '{') {
        interval();
        continue;
      }
      if (!in_class_ && std::string_view("?*+").find(c) == std::string_view::npos) atom_ = out_.size();
      if (c == '\\') {
        escape();
      } else if (in_class_) {
        class_char(c);
      } else if (c == '[') {
        open_class();
      } else if (c == '(') {
        groups_.push_back(out_.size());
        group_flags();
      } else {
        if (c == ')' && !groups_.empty()) {
          atom_ = groups_.back();
          groups_.pop_back();
        }
        copy(1);
      }
    }
    return std::move(out_);
  }

 private:
  std::string_view rest() const { return pattern_.substr(pos_); }

  void copy(std::size_t count) {
    out_ += pattern_.substr(pos_, count);
    pos_ += count;
  }

  void put(std::string_view text, std::size_t consumed) {
    out_ += text;
    pos_ += consumed;
  }

  // A set of characters, inside or outside a bracketed class.
  void put_items(std::string_view items, bool negated) {
    if (in_class_) {
      if (negated) unsupported("a negated shorthand inside a character class");
      put(items, 2);
    } else {
      put(fmt::format("[{}{}]", negated ? "^" : "", items), 2);
    }
  }

  void escape() {
    const char kind = pos_ + 1 < pattern_.size() ? pattern_[pos_ + 1] : '\0';
    switch (kind) {
      case 's':
        return put_items(kSpaceItems, false);
      case 'S':
        // Inside a class the two engines differ in U+180E alone, and PCRE2 cannot spell the complement.
        return in_class_ ? copy(2) : put_items(kSpaceItems, true);
      case 'w':
      case 'W':
        return put_items(in_class_ ? kWordItems : kBareWordItems, kind == 'W');
      case 'h':
      case 'H':
        return put_items(kHexItems, kind == 'H');
      case 'b':
      case 'B':
        return in_class_ ? copy(2) : boundary(kind == 'B');
      case 'u':
        return put(fmt::format("\\x{{{}}}", pattern_.substr(pos_ + 2, 4)), 6);
      case 'p':
      case 'P':
        return property();
      default:
        return copy(2);
    }
  }

  void boundary(bool negated) {
    const std::string word = fmt::format("[{}]", kBareWordItems);
    put(negated ? fmt::format("(?:(?<={0})(?={0})|(?<!{0})(?!{0}))", word)
                : fmt::format("(?:(?<={0})(?!{0})|(?<!{0})(?={0}))", word),
        2);
  }

  // A name longer than a general category is a script: PCRE2 reads a bare script name as Script_Extensions.
  void property() {
    const std::size_t close = pattern_.find('}', pos_);
    if (close == std::string_view::npos || pos_ + 2 >= pattern_.size() || pattern_[pos_ + 2] != '{') {
      return copy(2);
    }
    const bool negated = pattern_[pos_ + 3] == '^';
    const std::size_t begin = pos_ + (negated ? 4 : 3);
    const std::string_view name = pattern_.substr(begin, close - begin);
    static constexpr std::string_view kBinary[] = {
        "Any", "Alphabetic", "Emoji", "White_Space", "Lowercase", "Uppercase", "Extended_Pictographic"};
    bool is_script = name.size() > 2;
    for (const std::string_view binary : kBinary) is_script = is_script && name != binary;
    put(fmt::format("\\{}{{{}{}{}}}", pattern_[pos_ + 1], negated ? "^" : "", is_script ? "sc:" : "", name),
        close + 1 - pos_);
  }

  void open_class() {
    in_class_ = true;
    copy(1);
    if (rest().substr(0, 1) == "^") copy(1);
    if (rest().substr(0, 1) == "]") copy(1);
  }

  void class_char(char c) {
    if (c == '[') {
      for (const auto& [name, items] : kPosixClasses) {
        const std::string written = fmt::format("[:{}:]", name);
        if (rest().starts_with(written)) return put(items, written.size());
      }
      unsupported("a character class inside a character class");
    }
    if (rest().substr(0, 2) == "&&") unsupported("the class intersection &&");
    in_class_ = c != ']';
    copy(1);
  }

  void interval() {
    std::size_t end = pos_ + 1;
    while (end < pattern_.size() &&
           (std::isdigit(static_cast<unsigned char>(pattern_[end])) != 0 || pattern_[end] == ',')) {
      ++end;
    }
    if (end >= pattern_.size() || pattern_[end] != '}' || end == pos_ + 1) return copy(1);
    const std::string_view counts = pattern_.substr(pos_ + 1, end - pos_ - 1);
    if (counts == ",") return copy(1);
    out_ += fmt::format("{{{}{}}}", counts.front() == ',' ? "0" : "", counts);
    pos_ = end + 1;
    const std::string_view next = rest().substr(0, 1);
    // After an interval Oniguruma reads + and, when the count is exact, ? as a second quantifier.
    if (next == "+") repeat_again("+");
    if (next == "?" && counts.find(',') == std::string_view::npos) repeat_again("?");
  }

  void repeat_again(std::string_view quantifier) {
    out_.insert(atom_, "(?:");
    put(fmt::format("){}", quantifier), 1);
  }

  void group_flags() {
    if (rest().substr(0, 2) != "(?") return copy(1);
    std::size_t end = pos_ + 2;
    while (end < pattern_.size() && std::string_view("imx-").find(pattern_[end]) != std::string_view::npos) {
      ++end;
    }
    if (end >= pattern_.size() || (pattern_[end] != ':' && pattern_[end] != ')')) return copy(2);
    // Ruby's m is "dot matches newline", PCRE2's s.
    for (; pos_ <= end; ++pos_) out_ += pattern_[pos_] == 'm' ? 's' : pattern_[pos_];
  }

  [[noreturn]] void unsupported(std::string_view what) const {
    throw Error(fmt::format("{}: the regular expression '{}' uses {} (at byte {}), which is not supported",
                            where_, pattern_, what, pos_));
  }

  std::string_view pattern_;
  const std::string& where_;
  std::size_t pos_ = 0;
  bool in_class_ = false;
  std::string out_;
  std::size_t atom_ = 0;             // where in out_ that begins which a quantifier would repeat
  std::vector<std::size_t> groups_;  // where in out_ the open groups begin
};

}  // namespace

std::string to_pcre_syntax(std::string_view pattern, const std::string& where) {
  return Translator(pattern, where).run();
}

}  // namespace sift::text
