#include "text/tokenizer/char_class.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <sift/error.h>
#include "base/unicode_case.h"
#include "base/utf8.h"
#include "text/tokenizer/unicode_property.h"

namespace sift::text {
namespace {

// What Oniguruma's shorthands hold, spelled out as items of a class.
constexpr std::string_view kSpaceItems = R"(\p{Z}\x{9}-\x{D}\x{85})";
constexpr std::string_view kWordItems = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc})";
// Outside a class, Oniguruma also takes Latin-1's superscripts and fractions for word characters.
constexpr std::string_view kBareWordItems =
    R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE})";
constexpr std::string_view kHexItems = "0-9A-Fa-f";
constexpr std::string_view kDigitItems = R"(\p{Nd})";

constexpr std::pair<std::string_view, std::string_view> kPosixClasses[] = {
    {"alnum", R"(\p{Alphabetic}\p{Nd})"}, {"alpha", R"(\p{Alphabetic})"}, {"digit", kDigitItems},
    {"lower", R"(\p{Lowercase})"},        {"punct", R"(\p{P}\p{S})"},     {"space", kSpaceItems},
    {"upper", R"(\p{Uppercase})"},        {"word", kWordItems},           {"xdigit", kHexItems}};

void add(CharSet& to, const CharSet& items) {
  to.pcre += items.pcre;
  to.members.add(items.members);
  to.disputed.add(items.disputed);
  to.pcre_has_it = to.pcre_has_it && items.pcre_has_it;
}

// Ranges as items of a class. PCRE2 refuses surrogates, which no text has.
std::string range_items(const CodePointSet& members) {
  std::string text;
  for (auto [first, last] : members.ranges()) {
    if (first >= kFirstSurrogate && first <= kLastSurrogate) first = kLastSurrogate + 1;
    if (last >= kFirstSurrogate && last <= kLastSurrogate) last = kFirstSurrogate - 1;
    if (first > last) continue;
    text += fmt::format("\\x{{{:x}}}", static_cast<std::uint32_t>(first));
    if (first < last) text += fmt::format("-\\x{{{:x}}}", static_cast<std::uint32_t>(last));
  }
  return text;
}

// What both hold, by Sift's table.
CharSet intersection_of(const CharSet& a, const CharSet& b) {
  CodePointSet outside = a.members.complement();
  outside.add(b.members.complement());
  const CodePointSet members = outside.complement();
  return {range_items(members), members, {}, true};
}

// The complement has no spelling in PCRE2's words but its ranges, which follow Sift's table.
CharSet complement_of(const CharSet& set) {
  const CodePointSet members = set.members.complement();
  return {range_items(members), members, {}, true};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Up to `most` digits of base 8 or 16 at `pos`.
char32_t read_number(std::string_view text, std::size_t& pos, int base, std::size_t most) {
  char32_t value = 0;
  for (const std::size_t end = pos + most; pos < text.size() && pos < end; ++pos) {
    const int digit = hex_digit(text[pos]);
    if (digit < 0 || digit >= base) break;
    value = value * static_cast<char32_t>(base) + static_cast<char32_t>(digit);
  }
  return value;
}

}  // namespace

std::string class_of(const CodePointSet& members, bool complement) {
  const std::string items = range_items(members);
  if (items.empty()) return complement ? "[\\x{0}-\\x{10ffff}]" : "(?!)";
  return fmt::format("[{}{}]", complement ? "^" : "", items);
}

CodePointSet closed_under_case(const CodePointSet& members) {
  static const std::map<char32_t, std::vector<CodePointRange>> alike = [] {
    std::map<char32_t, std::vector<CodePointRange>> found;
    for (char32_t c = 0; c <= kLastCodePoint; ++c) {
      const char32_t folded = unicode::simple_fold(c);
      if (folded != c) found[folded].push_back({c, c});
    }
    for (auto& [folded, others] : found) others.push_back({folded, folded});
    return found;
  }();
  std::vector<CodePointRange> ranges(members.ranges().begin(), members.ranges().end());
  for (const auto& [folded, group] : alike) {
    const auto in_set = [&](const CodePointRange& one) { return members.contains(one.first); };
    if (std::any_of(group.begin(), group.end(), in_set))
      ranges.insert(ranges.end(), group.begin(), group.end());
  }
  return CodePointSet(std::move(ranges));
}

void CharClassReader::unsupported(std::string_view what, std::size_t pos) const {
  throw Error(fmt::format("{}: the regular expression '{}' uses {} (at byte {}), which is not supported",
                          where_, pattern_, what, pos));
}

CharSet CharClassReader::read_items(std::string_view items) const {
  const CharClassReader reader(items, where_);
  CharSet set;
  for (std::size_t pos = 0; pos < items.size();) reader.read_item(pos, set, 0);
  return set;
}

CharSet CharClassReader::word() const {
  return read_items(kBareWordItems);
}

bool CharClassReader::read_shorthand(std::size_t& pos, bool in_class, CharSet& set) const {
  std::string_view items;
  const char kind = pos + 1 < pattern_.size() ? pattern_[pos + 1] : '\0';
  switch (kind) {
    case 's':
    case 'S':
      items = kSpaceItems;
      break;
    case 'w':
    case 'W':
      items = in_class ? kWordItems : kBareWordItems;
      break;
    case 'd':
    case 'D':
      items = kDigitItems;
      break;
    case 'h':
    case 'H':
      items = kHexItems;
      break;
    case 'p':
    case 'P':
      if (pos + 2 >= pattern_.size() || pattern_[pos + 2] != '{') return false;
      set = read_property(pos);
      return true;
    default:
      return false;
  }
  pos += 2;
  set = read_items(items);
  if (kind < 'a') set = complement_of(set);
  return true;
}

CharSet CharClassReader::read_property(std::size_t& pos) const {
  const std::size_t close = pattern_.find('}', pos);
  if (close == std::string_view::npos) unsupported("\\p{ without a }", pos);
  const bool caret = pattern_[pos + 3] == '^';
  const std::size_t begin = pos + (caret ? 4 : 3);
  const std::string_view name = pattern_.substr(begin, close - begin);
  const UnicodeProperty* property = find_unicode_property(name);
  if (property == nullptr) unsupported(fmt::format("the property '{}'", name), pos);
  const bool negated = (pattern_[pos + 1] == 'P') != caret;
  pos = close + 1;
  return {fmt::format("\\{}{{{}}}", negated ? 'P' : 'p', property->pcre_name),
          negated ? property->members.complement() : property->members, property->disputed,
          property->pcre_has_it};
}

CharSet CharClassReader::read_posix_class(std::size_t& pos) const {
  for (const auto& [name, items] : kPosixClasses) {
    for (const bool negated : {false, true}) {
      const std::string written = fmt::format("[:{}{}:]", negated ? "^" : "", name);
      if (!pattern_.substr(pos).starts_with(written)) continue;
      pos += written.size();
      return negated ? complement_of(read_items(items)) : read_items(items);
    }
  }
  unsupported("an unknown [:class:]", pos);
}

CharSet CharClassReader::read_nested_class(std::size_t& pos, int depth) const {
  constexpr int kMostDepth = 64;  // of recursion
  if (depth == kMostDepth) unsupported("more than 64 character classes inside each other", pos);
  bool negated = false;
  const CharSet set = read_class(pos, negated, depth + 1);
  return negated ? complement_of(set) : set;
}

char32_t CharClassReader::read_char(std::size_t& pos) const {
  if (pattern_[pos] != '\\' || pos + 1 >= pattern_.size()) return next_code_point(pattern_, pos);
  const char kind = pattern_[++pos];
  const auto simple = std::string_view("abefnrtv").find(kind);
  if (simple != std::string_view::npos) {
    ++pos;
    return static_cast<unsigned char>("\a\b\x1B\f\n\r\t\v"[simple]);
  }
  if (kind == 'u') return read_number(pattern_, ++pos, 16, 4);
  if (kind >= '0' && kind <= '7') return read_number(pattern_, pos, 8, 3);
  if (kind != 'x') return next_code_point(pattern_, pos);
  if (++pos >= pattern_.size() || pattern_[pos] != '{') return read_number(pattern_, pos, 16, 2);
  const char32_t value = read_number(pattern_, ++pos, 16, 8);
  if (pos < pattern_.size() && pattern_[pos] == '}') ++pos;
  return value;
}

void CharClassReader::read_item(std::size_t& pos, CharSet& set, int depth) const {
  const std::string_view rest = pattern_.substr(pos);
  CharSet item;
  if (rest.starts_with("[:")) {
    add(set, read_posix_class(pos));
  } else if (rest[0] == '[') {
    add(set, read_nested_class(pos, depth));
  } else if (rest[0] == '\\' && read_shorthand(pos, true, item)) {
    add(set, item);
  } else {
    const char32_t first = read_char(pos);
    char32_t last = first;
    if (pos + 1 < pattern_.size() && pattern_[pos] == '-' && pattern_[pos + 1] != ']') {
      std::size_t after = pos + 1;
      CharSet ignored;
      const bool is_set =
          pattern_[after] == '[' || (pattern_[after] == '\\' && read_shorthand(after, true, ignored));
      if (!is_set) last = read_char(++pos);
    }
    if (last < first) unsupported("a range whose end comes before its start", pos);
    item.members = CodePointSet({{first, last}});
    item.pcre = range_items(item.members);
    add(set, item);
  }
}

CharSet CharClassReader::read_class(std::size_t& pos, bool& negated, int depth) const {
  const std::size_t begin = pos++;
  negated = pattern_.substr(pos).starts_with("^");
  if (negated) ++pos;
  CharSet set;
  std::optional<CharSet> before;  // what the sets before the last && have in common
  const auto common = [&] { return before ? intersection_of(*before, set) : set; };
  for (bool first = true; pos < pattern_.size() && (first || pattern_[pos] != ']'); first = false) {
    if (!pattern_.substr(pos).starts_with("&&")) {
      read_item(pos, set, depth);
      continue;
    }
    before = common();
    set = {};
    pos += 2;
  }
  if (pos >= pattern_.size()) unsupported("a character class without an end", begin);
  ++pos;
  return common();
}

}  // namespace sift::text
