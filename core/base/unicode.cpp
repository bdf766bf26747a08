#include "base/unicode.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/unicode_data.h"

namespace sift::unicode {
namespace {

constexpr std::string_view kCategoryNames = "CnLuLlLtLmLoMnMeMcNdNlNoZsZlZpCcCfCoCsPdPsPePcPoSmScSkSoPiPf";

// Calls `visit(first, last, name)` for each run of a text such as "65Zyyy26Latn".
template <typename Visit>
void for_each_run(std::string_view text, std::size_t name_size, Visit visit) {
  char32_t first = 0;
  while (!text.empty()) {
    std::uint32_t length = 0;
    const auto number = std::from_chars(text.data(), text.data() + text.size(), length);
    text.remove_prefix(static_cast<std::size_t>(number.ptr - text.data()));
    visit(first, first + length - 1, text.substr(0, name_size));
    text.remove_prefix(name_size);
    first += length;
  }
}

// A byte for each code point: every look-up is one load.
std::vector<Category> expand_categories() {
  std::vector<Category> all(kLastCodePoint + 1);
  for_each_run(kCategoryRuns, 2, [&](char32_t first, char32_t last, std::string_view name) {
    if (name == "Lx") {
      for (char32_t c = first; c <= last; ++c) all[c] = (c - first) % 2 == 0 ? Category::Lu : Category::Ll;
    } else {
      std::fill(all.begin() + first, all.begin() + last + 1,
                static_cast<Category>(kCategoryNames.find(name) / 2));
    }
  });
  return all;
}

constexpr Categories kCaseIgnorable =
    categories({Category::Mn, Category::Me, Category::Cf, Category::Lm, Category::Sk});

}  // namespace

Categories categories_named(std::string_view name) {
  if (name == "LC") return categories({Category::Lu, Category::Ll, Category::Lt});
  Categories bits = 0;
  for (std::size_t i = 0; i * 2 < kCategoryNames.size(); ++i) {
    const std::string_view whole = kCategoryNames.substr(i * 2, 2);
    if (!name.empty() && (name == whole || name == whole.substr(0, 1))) bits |= 1U << i;
  }
  return bits;
}

Category category(char32_t c) {
  static const std::vector<Category> all = expand_categories();
  return c <= kLastCodePoint ? all[c] : Category::Cn;
}

bool is_alphabetic(char32_t c) {
  return is_in(c, kLetters | categories({Category::Nl})) || contains(kOtherAlphabetic, c);
}

bool is_lowercase(char32_t c) {
  return category(c) == Category::Ll || contains(kOtherLowercase, c);
}

bool is_uppercase(char32_t c) {
  return category(c) == Category::Lu || contains(kOtherUppercase, c);
}

bool is_cased(char32_t c) {
  return is_lowercase(c) || is_uppercase(c) || category(c) == Category::Lt;
}

bool is_case_ignorable(char32_t c) {
  return is_in(c, kCaseIgnorable) || contains(kOtherCaseIgnorable, c);
}

bool is_white_space(char32_t c) {
  return c < 0x80 ? c == ' ' || (c >= '\t' && c <= '\r') : c == 0x85 || is_in(c, kSeparators);
}

bool has_digit_value(char32_t c) {
  return category(c) == Category::Nd || contains(kOtherDigit, c);
}

bool has_numeric_value(char32_t c) {
  return is_in(c, kNumbers) || contains(kOtherNumeric, c);
}

CodePointSet code_points_of(Categories set) {
  std::vector<CodePointRange> ranges;
  for (char32_t c = 0; c <= kLastCodePoint; ++c) {
    if (!is_in(c, set)) continue;
    if (!ranges.empty() && ranges.back().last + 1 == c) {
      ranges.back().last = c;
    } else {
      ranges.push_back({c, c});
    }
  }
  return CodePointSet(std::move(ranges));
}

CodePointSet code_points_of_script(std::string_view script) {
  std::vector<CodePointRange> ranges;
  for_each_run(kScriptRuns, 4, [&](char32_t first, char32_t last, std::string_view code) {
    if (code == script) ranges.push_back({first, last});
  });
  return CodePointSet(std::move(ranges));
}

}  // namespace sift::unicode
