#include "jinja/letter_case.h"

#include "base/unicode.h"
#include "base/unicode_case.h"
#include "base/utf8.h"

namespace sift::jinja {
namespace {

using unicode::is_case_ignorable;
using unicode::is_cased;
using unicode::is_lowercase;
using unicode::is_uppercase;

constexpr char32_t kCapitalSigma = 0x3A3;
constexpr char32_t kFinalSigma = 0x3C2;

// Unicode's Final_Sigma: a cased letter before, none after, whatever case ignores in between.
bool is_final(std::string_view text, std::size_t begin, std::size_t end) {
  bool cased_before = false;
  while (begin > 0) {
    begin = previous_utf8(text, begin);
    const char32_t c = decode_utf8(text, begin).code_point;
    if (is_case_ignorable(c)) continue;
    cased_before = is_cased(c);
    break;
  }
  if (!cased_before) return false;
  while (end < text.size()) {
    const char32_t c = next_code_point(text, end);
    if (!is_case_ignorable(c)) return !is_cased(c);
  }
  return true;
}

// The lower case of the character at byte `at` of `text`; moves `at` past it.
void append_lower(std::string& out, std::string_view text, std::size_t& at) {
  const std::size_t begin = at;
  const char32_t c = next_code_point(text, at);
  if (c == kCapitalSigma && is_final(text, begin, at)) {
    append_utf8(out, kFinalSigma);
  } else {
    unicode::append_lower(out, c);
  }
}

// Whether the text has characters of a case and no others that have a case.
bool has_only(std::string_view text, bool (*is_of_case)(char32_t)) {
  bool found = false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (is_cased(c) && !is_of_case(c)) return false;
    found = found || is_of_case(c);
  }
  return found;
}

}  // namespace

std::string to_upper(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) unicode::append_upper(out, next_code_point(text, at));
  return out;
}

std::string to_lower(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) append_lower(out, text, at);
  return out;
}

std::string to_title(std::string_view text) {
  std::string out;
  bool after_cased = false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = decode_utf8(text, at).code_point;
    if (after_cased) {
      append_lower(out, text, at);
    } else {
      unicode::append_title(out, next_code_point(text, at));
    }
    after_cased = is_cased(c);
  }
  return out;
}

std::string to_capitalized(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  if (!text.empty()) unicode::append_title(out, next_code_point(text, at));
  while (at < text.size()) append_lower(out, text, at);
  return out;
}

std::string fold_case(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) unicode::append_folded(out, next_code_point(text, at));
  return out;
}

std::string swap_case(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = decode_utf8(text, at).code_point;
    if (is_uppercase(c)) {
      append_lower(out, text, at);
    } else {
      at += utf8_length(text[at]);
      if (is_lowercase(c)) {
        unicode::append_upper(out, c);
      } else {
        append_utf8(out, c);
      }
    }
  }
  return out;
}

bool is_lower_text(std::string_view text) {
  return has_only(text, is_lowercase);
}

bool is_upper_text(std::string_view text) {
  return has_only(text, is_uppercase);
}

bool is_title_text(std::string_view text) {
  bool found = false;
  bool after_cased = false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (is_lowercase(c) ? !after_cased : (is_cased(c) && after_cased)) return false;
    after_cased = is_cased(c);
    found = found || after_cased;
  }
  return found;
}

}  // namespace sift::jinja
