#include "text/tokenizer/pre_tokenizer.h"

#include <algorithm>
#include <cassert>

#include "base/utf8.h"
#include "text/tokenizer/byte_level.h"

namespace sift::text {
namespace {

class Splitter {
 public:
  Splitter(std::string_view text, PreTokenizerScratch& scratch, std::vector<Piece>& out)
      : text_(text), scratch_(scratch), out_(out) {}

  void split(Piece piece, const Pattern& pattern, SplitBehavior behavior, bool invert) {
    std::vector<Span>& spans = scratch_.spans;
    spans.clear();
    pattern.find_all(text_.substr(piece.begin, piece.end - piece.begin), scratch_.regex, spans);
    for (Span& span : spans) {
      span.begin += piece.begin;
      span.end += piece.begin;
      span.is_match = span.is_match != invert;
    }
    switch (behavior) {
      case SplitBehavior::kIsolated:
        for (const Span& span : spans) add(span.begin, span.end);
        break;
      case SplitBehavior::kRemoved:
        for (const Span& span : spans) {
          if (!span.is_match) add(span.begin, span.end);
        }
        break;
      case SplitBehavior::kContiguous:
        group([](bool previous, bool current) { return previous == current; });
        break;
      case SplitBehavior::kMergedWithPrevious:
        group([](bool previous, bool current) { return !previous && current; });
        break;
      case SplitBehavior::kMergedWithNext:
        group([](bool previous, bool current) { return previous && !current; });
        break;
    }
  }

 private:
  void add(std::uint32_t begin, std::uint32_t end) {
    if (begin < end) out_.push_back({begin, end});
  }

  // Joins each span with the one before it where `joins(previous is a match, this one is)`.
  template <typename Joins>
  void group(Joins joins) {
    const std::vector<Span>& spans = scratch_.spans;
    for (std::size_t i = 0; i < spans.size();) {
      const std::size_t first = i++;
      while (i < spans.size() && joins(spans[i - 1].is_match, spans[i].is_match)) ++i;
      add(spans[first].begin, spans[i - 1].end);
    }
  }

  std::string_view text_;
  PreTokenizerScratch& scratch_;
  std::vector<Piece>& out_;
};

void run_step(const SplitStep& step, AlignedText& text, PreTokenizerScratch& scratch,
              std::vector<Piece>& pieces) {
  scratch.pieces.clear();
  Splitter splitter(text.view(), scratch, scratch.pieces);
  for (const Piece piece : pieces) splitter.split(piece, step.pattern, step.behavior, step.invert);
  pieces.swap(scratch.pieces);
}

void add_prefix_spaces(AlignedText& text, std::vector<Piece>& pieces) {
  const auto lacks_space = [&](Piece piece) { return text.view()[piece.begin] != ' '; };
  if (std::none_of(pieces.begin(), pieces.end(), lacks_space)) return;
  TextEdit edit(text);
  for (Piece& piece : pieces) {
    const std::uint32_t begin = edit.size();
    if (lacks_space(piece)) edit.put(" ", piece.begin);
    edit.keep(piece.begin, piece.end);
    piece = {begin, edit.size()};
  }
  edit.commit();
}

void run_step(const ByteLevelStep& step, AlignedText& text, PreTokenizerScratch& scratch,
              std::vector<Piece>& pieces) {
  if (step.add_prefix_space) add_prefix_spaces(text, pieces);
  if (step.split) {
    scratch.pieces.clear();
    Splitter splitter(text.view(), scratch, scratch.pieces);
    for (const Piece piece : pieces) splitter.split(piece, *step.split, SplitBehavior::kIsolated, false);
    pieces.swap(scratch.pieces);
  }
  if (!step.write_chars) return;
  TextEdit edit(text);
  for (Piece& piece : pieces) {
    const std::uint32_t begin = edit.size();
    for (std::uint32_t pos = piece.begin; pos < piece.end; ++pos) {
      edit.put(byte_to_utf8(static_cast<unsigned char>(text.view()[pos])), pos);
    }
    piece = {begin, edit.size()};
  }
  edit.commit();
}

bool wants_prefix(const MetaspaceStep& step, const AlignedText& text, Piece piece) {
  if (step.prepend_scheme == PrependScheme::kNever) return false;
  if (step.prepend_scheme == PrependScheme::kFirst && text.original(piece.begin).first != 0) return false;
  // A space becomes the replacement, so it counts as one already there.
  return text.view()[piece.begin] != ' ' && !text.view().substr(piece.begin).starts_with(step.replacement);
}

void run_step(const MetaspaceStep& step, AlignedText& text, PreTokenizerScratch& scratch,
              std::vector<Piece>& pieces) {
  TextEdit edit(text);
  for (Piece& piece : pieces) {
    const std::uint32_t new_begin = edit.size();
    if (wants_prefix(step, text, piece)) edit.put(step.replacement, piece.begin);
    const std::string_view until_end = text.view().substr(0, piece.end);
    for (std::size_t pos = piece.begin; pos < piece.end;) {
      const std::size_t space = std::min<std::size_t>(until_end.find(' ', pos), piece.end);
      edit.keep(pos, space);
      if (space < piece.end) edit.put(step.replacement, space);
      pos = space + 1;
    }
    piece = {new_begin, edit.size()};
  }
  edit.commit();
  if (!step.split) return;
  scratch.pieces.clear();
  Splitter splitter(text.view(), scratch, scratch.pieces);
  const Pattern pattern = Pattern::literal(step.replacement);
  for (const Piece piece : pieces) splitter.split(piece, pattern, SplitBehavior::kMergedWithNext, false);
  pieces.swap(scratch.pieces);
}

}  // namespace

bool PreTokenizer::ends_in_byte_level() const {
  const auto is_byte_level = [](const PreTokenizerStep& step) {
    return std::holds_alternative<ByteLevelStep>(step);
  };
  return !steps_.empty() && is_byte_level(steps_.back()) &&
         std::count_if(steps_.begin(), steps_.end(), is_byte_level) == 1;
}

void PreTokenizer::leave_bytes() {
  assert(ends_in_byte_level());
  std::get<ByteLevelStep>(steps_.back()).write_chars = false;
}

bool PreTokenizer::needs_tracking() const {
  return std::any_of(steps_.begin(), steps_.end(), [](const PreTokenizerStep& step) {
    const auto* metaspace = std::get_if<MetaspaceStep>(&step);
    return metaspace != nullptr && metaspace->prepend_scheme == PrependScheme::kFirst;
  });
}

void PreTokenizer::split(AlignedText& text, PreTokenizerScratch& scratch, std::vector<Piece>& words) const {
  words.assign(1, Piece{0, text.size()});
  if (text.size() == 0) words.clear();
  for (const PreTokenizerStep& step : steps_) {
    std::visit([&](const auto& kind) { run_step(kind, text, scratch, words); }, step);
  }
}

}  // namespace sift::text
