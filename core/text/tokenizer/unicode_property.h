#pragma once

#include <optional>
#include <string_view>

#include "base/code_point_set.h"

namespace sift::text {

/// A property of code points that a regular expression names as \p{NAME}.
struct UnicodeProperty {
  std::string pcre_name;    // how PCRE2 spells it
  CodePointSet members;     // by Sift's table
  CodePointSet disputed{};  // on these PCRE2 differs, whose version of Unicode is its own
  bool pcre_has_it = true;
};

/// Categories (L, Lu), scripts (Han, Hani) and the binary properties Alphabetic, Lowercase, Uppercase,
/// White_Space, Emoji, Extended_Pictographic and Any; as in Oniguruma, case, spaces, - and _ do not matter.
/// Null for another name. Asks PCRE2 about all code points at the first use of a name, which takes some
/// milliseconds; may be called by any thread, and what it returns lives on.
const UnicodeProperty* find_unicode_property(std::string_view name);

}  // namespace sift::text
