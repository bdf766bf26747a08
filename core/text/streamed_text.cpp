#include "text/streamed_text.h"

#include <algorithm>

#include "base/utf8.h"

namespace sift {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Without the bytes of an incomplete character at the end, each of which may be shown as one.
std::size_t complete_length(std::string_view text) {
  while (text.ends_with(kReplacement)) text.remove_suffix(kReplacement.size());
  return text.size();
}

}  // namespace

void StreamedText::add(std::int32_t id) {
  ids_.push_back(id);
  text_ = tokenizer_.decode(ids_, /*skip_special_tokens=*/true);
  show(complete_length(text_));
}

void StreamedText::show(std::size_t end) {
  // with byte fallback, a byte that fits no character makes those just before it unreadable, too
  const auto begin = utf8_boundary(
      text_, static_cast<std::size_t>(std::ranges::mismatch(text_, shown_).in1 - text_.begin()));
  if (end <= begin) return;
  if (on_text_) on_text_(std::string_view(text_).substr(begin, end - begin));
  shown_ = text_.substr(0, end);
}

std::string StreamedText::finish() {
  show(text_.size());
  return text_;
}

}  // namespace sift
