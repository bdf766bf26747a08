#include "text/tokenizer/normalizer.h"

#include <algorithm>

#include "base/unicode.h"
#include "base/utf8.h"
#include "text/tokenizer/rust_characters.h"

namespace sift::text {
namespace {

void apply_step(const UnicodeForm& form, AlignedText& text, RegexScratch& /*scratch*/) {
  normalize_unicode(text, form);
}

void apply_step(const Lowercase& /*step*/, AlignedText& text, RegexScratch& /*scratch*/) {
  TextEdit edit(text);
  std::string lower;
  for (std::size_t pos = 0; pos < text.size();) {
    const Utf8Char c = decode_utf8(text.view(), pos);
    lower.clear();
    append_lowercase(lower, c.code_point);
    edit.put(lower, pos);
    pos += c.num_bytes;
  }
  edit.commit();
}

void apply_step(const StripAccents& /*step*/, AlignedText& text, RegexScratch& /*scratch*/) {
  if (is_ascii(text.view())) return;
  TextEdit edit(text);
  for (std::size_t pos = 0; pos < text.size();) {
    const Utf8Char c = decode_utf8(text.view(), pos);
    if (!is_combining_mark(c.code_point)) edit.keep(pos, pos + c.num_bytes);
    pos += c.num_bytes;
  }
  edit.commit();
}

void apply_step(const Prepend& step, AlignedText& text, RegexScratch& /*scratch*/) {
  if (text.size() == 0) return;
  TextEdit edit(text);
  edit.put(step.text, 0);
  edit.keep(0, text.size());
  edit.commit();
}

void apply_step(const Replace& step, AlignedText& text, RegexScratch& scratch) {
  std::vector<Span> spans;
  step.pattern.find_all(text.view(), scratch, spans);
  if (std::none_of(spans.begin(), spans.end(), [](const Span& span) { return span.is_match; })) return;
  TextEdit edit(text);
  for (const Span& span : spans) {
    if (!span.is_match) {
      edit.keep(span.begin, span.end);
    } else if (span.end == 0) {
      edit.put_at_start(step.content);
    } else {
      edit.put(step.content, span.end - 1);
    }
  }
  edit.commit();
}

void apply_step(const Strip& step, AlignedText& text, RegexScratch& /*scratch*/) {
  const std::string_view view = text.view();
  std::size_t begin = 0;
  std::size_t end = view.size();
  while (step.left && begin < end) {
    const Utf8Char c = decode_utf8(view, begin);
    if (!unicode::is_white_space(c.code_point)) break;
    begin += c.num_bytes;
  }
  while (step.right && end > begin) {
    const std::size_t last = previous_utf8(view, end);
    if (!unicode::is_white_space(decode_utf8(view, last).code_point)) break;
    end = last;
  }
  if (begin == 0 && end == view.size()) return;
  TextEdit edit(text);
  edit.keep(begin, end);
  edit.commit();
}

}  // namespace

void Normalizer::apply(AlignedText& text, RegexScratch& scratch) const {
  for (const NormalizerStep& step : steps_) {
    std::visit([&](const auto& kind) { apply_step(kind, text, scratch); }, step);
  }
}

}  // namespace sift::text
