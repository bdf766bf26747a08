#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "text/tokenizer/regex.h"

namespace sift::text {

/// One stretch of a text that a pattern was looked for in: either a match or the text between two matches.
struct Span {
  std::uint32_t begin;
  std::uint32_t end;
  bool is_match;
};

/// What Split, Replace and the character-class pre-tokenizers look for.
class Pattern {
 public:
  using Predicate = bool (*)(char32_t);

  /// A regular expression in Oniguruma's syntax; throws sift::Error starting with `where` if it is invalid.
  static Pattern regex(std::string_view pattern, const std::string& where);
  static Pattern literal(std::string text);
  /// Every character for which `predicate` holds is a match of its own.
  static Pattern character(Predicate predicate);

  /// Appends spans that cover `text` from front to back without gaps. An empty match splits the text around
  /// it; an empty text has no match.
  void find_all(std::string_view text, RegexScratch& scratch, std::vector<Span>& spans) const;

 private:
  using Kind = std::variant<Regex, std::string, Predicate>;
  explicit Pattern(Kind kind) : kind_(std::move(kind)) {}
  Kind kind_;
};

}  // namespace sift::text
