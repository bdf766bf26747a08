#pragma once

#include <string>
#include <string_view>

#include "base/code_point_set.h"

namespace sift::text {

/// A pattern in PCRE2's syntax. The two forms match alike in every text that has none of the `disputed` code
/// points.
struct PcreForms {
  std::string by_pcre;   // with the properties that PCRE2 brings
  std::string by_table;  // with the ranges of Sift's table
  CodePointSet disputed;
  bool pcre_suffices = true;  // false where PCRE2 lacks a property that `by_pcre` names
};

/// A pattern in Oniguruma's (Ruby) syntax, which tokenizer.json uses, rewritten for PCRE2 with UTF, UCP and
/// MULTILINE. What the two read differently is changed: sets of characters, case beyond ASCII, \u, `{n,m}+`,
/// `{,n}`,
/// `{n}?` and the flag `m`. Throws sift::Error, starting with `where`, for nested classes, intersections and
/// \X, which have no equivalent, and for properties that Sift's table lacks.
PcreForms to_pcre_syntax(std::string_view pattern, const std::string& where);

}  // namespace sift::text
