#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

#include "base/code_point_set.h"
#include "text/tokenizer/pcre.h"

namespace sift::text {

/// A regular expression of a tokenizer.json, in Oniguruma's syntax, whose properties are those of
/// unicode::kVersion.
///
/// PCRE2's own properties are fast, but of whichever version of Unicode it was built for. They are right for
/// every text without one of the few code points on which that version and Sift's table differ. Other texts
/// are matched by a second form of the pattern, which has the table's ranges written out and is several times
/// slower.
class Regex {
 public:
  /// Throws sift::Error starting with `where` if the pattern does not compile.
  Regex(std::string_view pattern, const std::string& where);

  /// The form that is right for `text`, which must be well-formed UTF-8.
  const PcreCode& form_for(std::string_view text) const;

 private:
  bool has_disputed(std::string_view text) const;

  std::optional<PcreCode> by_pcre_;   // absent where PCRE2 lacks one of the properties
  std::optional<PcreCode> by_table_;  // absent where it could not differ
  CodePointSet disputed_;
  std::bitset<(kLastCodePoint >> 8U) + 1> disputed_pages_;  // whether one of 256 code points is disputed
};

}  // namespace sift::text
