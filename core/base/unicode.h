#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "base/code_point_set.h"

/// The properties of code points, from one table of one version of Unicode: what Sift computes depends on no
/// library's.
namespace sift::unicode {

inline constexpr std::string_view kVersion = "16.0";

// NOLINTBEGIN(readability-identifier-naming): the standard's own names

/// General categories, by their short names.
enum class Category : std::uint8_t {
  Cn,
  Lu,
  Ll,
  Lt,
  Lm,
  Lo,
  Mn,
  Me,
  Mc,
  Nd,
  Nl,
  No,
  Zs,
  Zl,
  Zp,
  Cc,
  Cf,
  Co,
  Cs,
  Pd,
  Ps,
  Pe,
  Pc,
  Po,
  Sm,
  Sc,
  Sk,
  So,
  Pi,
  Pf
};

// NOLINTEND(readability-identifier-naming)

/// A set of categories, one bit for each.
using Categories = std::uint32_t;
constexpr Categories categories(std::initializer_list<Category> list) {
  Categories bits = 0;
  for (const Category one : list) bits |= 1U << static_cast<unsigned>(one);
  return bits;
}
/// "Lu" gives one, "L" all whose names start with L, "LC" Lu, Ll and Lt; 0 for an unknown name.
Categories categories_named(std::string_view name);

inline constexpr Categories kLetters =
    categories({Category::Lu, Category::Ll, Category::Lt, Category::Lm, Category::Lo});
inline constexpr Categories kMarks = categories({Category::Mn, Category::Me, Category::Mc});
inline constexpr Categories kNumbers = categories({Category::Nd, Category::Nl, Category::No});
inline constexpr Categories kPunctuation = categories(
    {Category::Pd, Category::Ps, Category::Pe, Category::Pc, Category::Po, Category::Pi, Category::Pf});
inline constexpr Categories kSeparators = categories({Category::Zs, Category::Zl, Category::Zp});
inline constexpr Categories kOthers =
    categories({Category::Cn, Category::Cc, Category::Cf, Category::Co, Category::Cs});

Category category(char32_t c);
inline bool is_in(char32_t c, Categories set) {
  return (categories({category(c)}) & set) != 0;
}

bool is_alphabetic(char32_t c);
bool is_lowercase(char32_t c);
bool is_uppercase(char32_t c);
bool is_cased(char32_t c);
bool is_case_ignorable(char32_t c);
bool is_white_space(char32_t c);
bool has_digit_value(char32_t c);    // Numeric_Type is Decimal or Digit
bool has_numeric_value(char32_t c);  // Numeric_Type is not None

/// The code points of categories, and of a script by its code ("Hani"); none of an unknown script.
CodePointSet code_points_of(Categories set);
CodePointSet code_points_of_script(std::string_view script);

}  // namespace sift::unicode
