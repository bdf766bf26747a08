#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/code_point_set.h"

/// The tables that tools/make_unicode_tables.py writes; base/unicode.h and base/unicode_case.h answer from
/// them.
namespace sift::unicode {

/// All code points in order, in runs: a length, then the name of their category ("26Lu"). In a run of the
/// name Lx, Lu and Ll take turns.
extern const std::string_view kCategoryRuns;

/// The same with the four letters of a script ("26Latn").
extern const std::string_view kScriptRuns;

struct ScriptName {
  std::string_view code, name;  // "Latn", "Latin"
};
extern const std::span<const ScriptName> kScriptNames;

// What has a property beside the categories that imply it: L and Nl are alphabetic, Ll lower case, Lu upper
// case, Mn, Me, Cf, Lm and Sk ignored in case, Nd digits, N numeric.
extern const std::span<const CodePointRange> kOtherAlphabetic;
extern const std::span<const CodePointRange> kOtherLowercase;
extern const std::span<const CodePointRange> kOtherUppercase;
extern const std::span<const CodePointRange> kOtherCaseIgnorable;
extern const std::span<const CodePointRange> kOtherDigit;
extern const std::span<const CodePointRange> kOtherNumeric;
extern const std::span<const CodePointRange> kEmoji;
extern const std::span<const CodePointRange> kExtendedPictographic;

/// The code points `first`, `first + stride`, ... `last` map to themselves plus `delta`.
struct CaseRun {
  char32_t first, last;
  std::uint32_t stride;
  std::int32_t delta;
};

/// A code point that maps to two or three; unused places are zero.
struct CaseExpansion {
  char32_t from;
  char32_t to[3];
};

/// Both sorted by code point; runs do not overlap.
struct CaseTable {
  std::span<const CaseRun> runs;
  std::span<const CaseExpansion> expansions;
};

extern const CaseTable kUpper;
extern const CaseTable kLower;
extern const CaseTable kTitle;  // where it differs from kUpper
extern const CaseTable kFold;   // where it differs from kLower

}  // namespace sift::unicode
