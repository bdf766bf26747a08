#include "text/tokenizer/unicode_form.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "formats/json_text.h"

namespace sift::text {
namespace {

std::string normalized(const std::string& source, UnicodeForm form) {
  AlignedText text(source, 0, /*tracked=*/false);
  normalize_unicode(text, form);
  return std::string(text.view());
}

/// As text_of() of tests/reference/make_normal_form_goldens.py.
std::string text_of(char32_t first, char32_t last) {
  std::string text;
  for (char32_t c = first; c < last; ++c) {
    text += "\n";
    append_utf8(text, c);
    text += "\na\u0301";
    append_utf8(text, c);
    text += "\n";
    append_utf8(text, c);
    text += "\u0301\u0316\u0338";
  }
  return text;
}

std::string hash_of(UnicodeForm form) {
  // the rest are ideographs, private use and nothing
  constexpr std::pair<char32_t, char32_t> kRanges[] = {{0, 0x3400},        {0xA000, 0xD800},
                                                       {0xF900, 0x17000},  {0x1B000, 0x20000},
                                                       {0x2F800, 0x2FA20}, {0xE0000, 0xE0200}};
  constexpr char32_t kBlock = 256;
  std::uint64_t value = 0xCBF29CE484222325;
  for (const auto& [first, last] : kRanges) {
    for (char32_t block = first; block < last; block += kBlock) {
      for (const char byte : normalized(text_of(block, std::min<char32_t>(block + kBlock, last)), form))
        value = (value ^ static_cast<unsigned char>(byte)) * 0x100000001B3;
    }
  }
  return fmt::format("{:016x}", value);
}

// Whatever version of ICU this machine has.
TEST(UnicodeForm, IsThatOfTokenizers) {
  const auto goldens =
      read_json_file<nlohmann::json>(std::filesystem::path(SIFT_FIXTURES) / "normal_forms.json");
  const std::pair<const char*, UnicodeForm> forms[] = {{"NFC", UnicodeForm::kNfc},
                                                       {"NFD", UnicodeForm::kNfd},
                                                       {"NFKC", UnicodeForm::kNfkc},
                                                       {"NFKD", UnicodeForm::kNfkd}};
  for (const auto& [name, form] : forms)
    EXPECT_EQ(hash_of(form), goldens["forms"][name].get<std::string>()) << name;
}

TEST(UnicodeForm, OfCharactersNewerThanUnicode9IsTheCharacter) {
  for (const char* newer : {"\U0001E030", "\U0001FBF0", "\U000105C9", "\u32FF"})
    EXPECT_EQ(normalized(newer, UnicodeForm::kNfkd), newer);
  EXPECT_EQ(normalized("\u32FE", UnicodeForm::kNfkd), "\u30F2");
  // marks of Unicode 13 and 9 that would change places if both were known
  EXPECT_EQ(normalized("a\u0301\u1ABF", UnicodeForm::kNfd), "a\u0301\u1ABF");
  EXPECT_EQ(normalized("a\u0301\u1AB5", UnicodeForm::kNfd), "a\u1AB5\u0301");
}

}  // namespace
}  // namespace sift::text
