#include "text/tokenizer/aligned_text.h"

#include "base/utf8.h"

namespace sift::text {

AlignedText& AlignedText::operator=(AlignedText&& other) noexcept {
  changed_ = other.changed_;
  owns_ = other.owns_;
  tracked_ = other.tracked_;
  original_begin_ = other.original_begin_;
  ranges_ = std::move(other.ranges_);
  owned_ = std::move(other.owned_);
  // Short strings live inside the object, so a view of our own bytes has to be taken again.
  view_ = owns_ ? std::string_view(owned_) : other.view_;
  return *this;
}

ByteRange AlignedText::original(std::size_t pos) const {
  if (changed_) return ranges_[pos];
  std::size_t begin = pos;
  while (begin > 0 && is_utf8_continuation(view_[begin])) --begin;
  const auto first = original_begin_ + static_cast<std::uint32_t>(begin);
  return {first, first + utf8_length(view_[begin])};
}

AlignedText AlignedText::part(std::size_t begin, std::size_t end) const {
  AlignedText result(view_.substr(begin, end - begin), original_begin_, tracked_);
  result.changed_ = changed_;
  if (!changed_) {
    result.original_begin_ += static_cast<std::uint32_t>(begin);
  } else if (tracked_) {
    const auto at = [&](std::size_t i) { return ranges_.begin() + static_cast<std::ptrdiff_t>(i); };
    result.ranges_.assign(at(begin), at(end));
    result.original_begin_ = ranges_[begin].first;
  }
  return result;
}

TextEdit::TextEdit(AlignedText& source) : source_(source) {
  text_.reserve(source.view_.size() + source.view_.size() / 4 + 16);
  if (source.tracked_) ranges_.reserve(text_.capacity());
}

void TextEdit::keep(std::size_t begin, std::size_t end) {
  text_ += source_.view_.substr(begin, end - begin);
  if (!source_.tracked_) return;
  for (std::size_t pos = begin; pos < end; ++pos) ranges_.push_back(source_.original(pos));
}

void TextEdit::put(std::string_view bytes, std::size_t from) {
  text_ += bytes;
  if (source_.tracked_) ranges_.insert(ranges_.end(), bytes.size(), source_.original(from));
}

void TextEdit::put_at_start(std::string_view bytes) {
  text_ += bytes;
  const ByteRange start{source_.original_begin_, source_.original_begin_};
  if (source_.tracked_) ranges_.insert(ranges_.end(), bytes.size(), start);
}

void TextEdit::commit() {
  source_.owned_ = std::move(text_);
  source_.ranges_ = std::move(ranges_);
  source_.changed_ = true;
  source_.owns_ = true;
  source_.view_ = source_.owned_;
}

}  // namespace sift::text
