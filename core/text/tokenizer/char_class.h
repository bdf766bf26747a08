#pragma once

#include <string>
#include <string_view>

#include "base/code_point_set.h"

namespace sift::text {

/// Characters that a regular expression asks for: in PCRE2's words, and as Sift's table of Unicode has them.
struct CharSet {
  std::string pcre;  // items of a bracketed class
  CodePointSet members;
  CodePointSet disputed;    // on these the two may differ
  bool pcre_has_it = true;  // false where PCRE2 has no property of that name
};

/// `[...]` with ranges of code points. `complement` starts it with ^.
std::string class_of(const CodePointSet& members, bool complement);

/// Adds what differs from a member in case alone.
CodePointSet closed_under_case(const CodePointSet& members);

/// Reads what stands for one set of characters in a pattern of Oniguruma's syntax.
class CharClassReader {
 public:
  /// Errors start with `where`. Both must outlive the reader.
  CharClassReader(std::string_view pattern, const std::string& where) : pattern_(pattern), where_(where) {}

  /// At the backslash at `pos`: whether a shorthand or property follows (\s, \W, \p{L}, ...). If so, `set`
  /// becomes what it matches and `pos` moves past it. In a bracketed class \w holds a little less than
  /// outside.
  bool read_shorthand(std::size_t& pos, bool in_class, CharSet& set) const;

  /// At a character or its escape (\n, \x{41}, \u0041, ...): the character; `pos` moves past it.
  char32_t read_char(std::size_t& pos) const;

  /// At the [ at `pos`: what the class holds, before its ^ is heeded, which `negated` tells. `pos` moves past
  /// the ]. Classes in it and && between sets count as in Oniguruma; `depth` is the number of classes around.
  CharSet read_class(std::size_t& pos, bool& negated, int depth = 0) const;

  /// What \w matches outside a class, which \b asks for.
  CharSet word() const;

  [[noreturn]] void unsupported(std::string_view what, std::size_t pos) const;

 private:
  CharSet read_items(std::string_view items) const;
  CharSet read_property(std::size_t& pos) const;
  CharSet read_posix_class(std::size_t& pos) const;
  CharSet read_nested_class(std::size_t& pos, int depth) const;
  void read_item(std::size_t& pos, CharSet& set, int depth) const;

  std::string_view pattern_;
  const std::string& where_;
};

}  // namespace sift::text
