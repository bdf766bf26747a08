#include "text/tokenizer/unicode_form.h"

#include <fmt/format.h>
#include <unicode/normalizer2.h>
#include <unicode/uniset.h>
#include <unicode/utf16.h>

#include <algorithm>
#include <cassert>

#include <sift/error.h>
#include "base/utf8.h"

namespace sift::text {
namespace {

// A character of the result and how it uses the source: 1 or more takes none of the source's characters,
// 0 takes one, -n takes n + 1. HF tokenizers derives offsets from these counts, so they are kept as it keeps
// them, even where reordered marks make them imprecise.
struct Item {
  char32_t code_point;
  std::uint8_t combining_class;
  int change;
};

const icu::Normalizer2& normalizer_of(const icu::Normalizer2* (*instance)(UErrorCode&)) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const found = instance(status);
  if (U_SUCCESS(status)) return *found;
  throw Error(fmt::format(
      "the tokenizer needs a normal form of Unicode, and the ICU library has no data for it ({}); "
      "install a complete libicu",
      u_errorName(status)));
}

// HF tokenizers normalises by a crate with the data of Unicode 9: whatever was assigned later is left as it
// is. Of what was assigned then, the version (age), the decomposition, the combining class and the pairs that
// compose never change (Unicode's stability policies), so every ICU from 58 on, the first with Unicode 9,
// gives the same.
class Unicode9Form {
 public:
  explicit Unicode9Form(const icu::Normalizer2* (*instance)(UErrorCode&))
      : assigned_(UNICODE_STRING_SIMPLE("[:age=9.0:]"), status_), form_(normalizer_of(instance), assigned_) {
    assert(U_SUCCESS(status_));
    assigned_.freeze();
  }
  const icu::Normalizer2& get() const { return form_; }

 private:
  UErrorCode status_ = U_ZERO_ERROR;
  icu::UnicodeSet assigned_;
  icu::FilteredNormalizer2 form_;
};

const icu::Normalizer2& instance(UnicodeForm form) {
  static const Unicode9Form nfc(icu::Normalizer2::getNFCInstance), nfd(icu::Normalizer2::getNFDInstance),
      nfkc(icu::Normalizer2::getNFKCInstance), nfkd(icu::Normalizer2::getNFKDInstance);
  switch (form) {
    case UnicodeForm::kNfc:
      return nfc.get();
    case UnicodeForm::kNfd:
      return nfd.get();
    case UnicodeForm::kNfkc:
      return nfkc.get();
    default:
      return nfkd.get();
  }
}

bool is_normalized(std::string_view text, const icu::Normalizer2& normalizer) {
  if (is_ascii(text)) return true;
  UErrorCode status = U_ZERO_ERROR;
  const auto size = static_cast<std::int32_t>(text.size());
  return normalizer.isNormalizedUTF8(icu::StringPiece(text.data(), size), status) != 0 && U_SUCCESS(status);
}

void add_item(std::vector<Item>& items, char32_t code_point, int change, const icu::Normalizer2& normalizer) {
  const std::uint8_t combining_class =
      code_point < 0x300 ? std::uint8_t{0} : normalizer.getCombiningClass(static_cast<UChar32>(code_point));
  items.push_back({code_point, combining_class, change});
}

std::vector<Item> decompose(std::string_view text, const icu::Normalizer2& normalizer) {
  std::vector<Item> items;
  items.reserve(text.size());
  icu::UnicodeString mapped;
  for (std::size_t pos = 0; pos < text.size();) {
    const Utf8Char c = decode_utf8(text, pos);
    pos += c.num_bytes;
    if (c.code_point < 0x80 || !normalizer.getDecomposition(static_cast<UChar32>(c.code_point), mapped)) {
      add_item(items, c.code_point, 0, normalizer);
      continue;
    }
    for (std::int32_t i = 0; i < mapped.length(); i = mapped.moveIndex32(i, 1)) {
      add_item(items, static_cast<char32_t>(mapped.char32At(i)), i == 0 ? 0 : 1, normalizer);
    }
  }
  // Canonical order: marks between two starters are sorted by combining class.
  for (auto begin = items.begin(); begin != items.end();) {
    if (begin->combining_class == 0) {
      ++begin;
      continue;
    }
    const auto end =
        std::find_if(begin, items.end(), [](const Item& item) { return item.combining_class == 0; });
    std::stable_sort(begin, end,
                     [](const Item& a, const Item& b) { return a.combining_class < b.combining_class; });
    begin = end;
  }
  return items;
}

// Joins starters with the characters after them wherever a composed character exists and nothing blocks it.
void compose(std::vector<Item>& items) {
  const icu::Normalizer2& normalizer = instance(UnicodeForm::kNfc);
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t starter = kNone;
  int last_class = -1;  // of the last item kept after the starter; -1: none
  std::size_t kept = 0;
  for (const Item& item : items) {
    if (starter != kNone && last_class < static_cast<int>(item.combining_class)) {
      Item& base = items[starter];
      const UChar32 composed = normalizer.composePair(static_cast<UChar32>(base.code_point),
                                                      static_cast<UChar32>(item.code_point));
      if (composed >= 0) {
        base.code_point = static_cast<char32_t>(composed);
        base.change += item.change - 1;
        continue;
      }
    }
    if (item.combining_class == 0) {
      starter = kept;
      last_class = -1;
    } else {
      last_class = item.combining_class;
    }
    items[kept++] = item;
  }
  items.resize(kept);
}

void write(AlignedText& text, const std::vector<Item>& items) {
  TextEdit edit(text);
  const std::string_view source = text.view();
  std::size_t offset = 0;
  std::string bytes;
  for (const Item& item : items) {
    bytes.clear();
    append_utf8(bytes, item.code_point);
    if (item.change <= 0) {
      edit.put(bytes, offset);
    } else if (offset == 0) {
      edit.put_at_start(bytes);
    } else {
      edit.put(bytes, offset - 1);
    }
    for (int take = item.change; take <= 0 && offset < source.size(); ++take) {
      offset += utf8_length(source[offset]);
    }
  }
  edit.commit();
}

}  // namespace

void normalize_unicode(AlignedText& text, UnicodeForm form) {
  const icu::Normalizer2& normalizer = instance(form);
  if (is_normalized(text.view(), normalizer)) return;
  std::vector<Item> items = decompose(text.view(), normalizer);
  if (form == UnicodeForm::kNfc || form == UnicodeForm::kNfkc) compose(items);
  write(text, items);
}

}  // namespace sift::text
