#include "text/tokenizer/rust_characters.h"

#include <unicode/uchar.h>

#include "base/code_point_set.h"
#include "base/unicode.h"
#include "base/unicode_case.h"
#include "base/utf8.h"

namespace sift::text {
namespace {

using unicode::Category;

// New in Unicode 17: Tolong Siki's digits, and three letters that are numbers.
constexpr CodePointRange kNumericSince17[] = {{0x11DE0, 0x11DE9}, {0x16FF4, 0x16FF6}};

struct LowerRun {
  char32_t first, last, delta;
};
constexpr LowerRun kLowerSince17[] = {
    {0xA7CE, 0xA7CE, 1}, {0xA7D2, 0xA7D2, 1}, {0xA7D4, 0xA7D4, 1}, {0x16EA0, 0x16EB8, 0x1B}};

// The same in every version of ICU that knows the code point.
bool is_assigned_in(char32_t c, int version) {
  UVersionInfo age;
  u_charAge(static_cast<UChar32>(c), age);
  return age[0] >= 1 && age[0] <= version;
}

}  // namespace

bool is_numeric(char32_t c) {
  if (unicode::is_in(c, unicode::kNumbers)) return true;
  for (const auto [first, last] : kNumericSince17) {
    if (c >= first && c <= last) return true;
  }
  return false;
}

void append_lowercase(std::string& out, char32_t c) {
  for (const auto [first, last, delta] : kLowerSince17) {
    if (c >= first && c <= last) return append_utf8(out, c + delta);
  }
  unicode::append_lower(out, c);
}

bool is_punctuation(char32_t c) {
  // Symbols like $ and + count in ASCII alone.
  if (c < 0x80) return c > ' ' && c != 0x7F && !unicode::is_in(c, unicode::kLetters | unicode::kNumbers);
  // Punctuation in Unicode 8, something else since.
  if (c == 0x166D || c == 0x111C9) return true;
  return unicode::is_in(c, unicode::kPunctuation) && is_assigned_in(c, 8);
}

bool is_combining_mark(char32_t c) {
  // Marks in Unicode 9, letters since; and the other way round.
  if (c == 0x1CF2 || c == 0x1CF3) return true;
  if (c == 0x111C9) return false;
  return unicode::is_in(c, unicode::kMarks) && is_assigned_in(c, 9);
}

bool is_word(char32_t c) {
  constexpr auto kWord = unicode::kMarks | unicode::categories({Category::Nd, Category::Pc});
  const bool joins = c == 0x200C || c == 0x200D;
  return joins || unicode::is_in(c, kWord) || unicode::is_alphabetic(c);
}

}  // namespace sift::text
