#include "text/tokenizer/pattern.h"

#include "base/utf8.h"

namespace sift::text {
namespace {

class SpanWriter {
 public:
  SpanWriter(std::string_view text, std::vector<Span>& spans) : text_(text), spans_(spans) {}
  ~SpanWriter() { gap_until(text_.size()); }
  SpanWriter(const SpanWriter&) = delete;
  SpanWriter& operator=(const SpanWriter&) = delete;

  void match(std::size_t begin, std::size_t end) {
    gap_until(begin);
    add(begin, end, true);
  }

 private:
  void gap_until(std::size_t begin) {
    if (done_ < begin) add(done_, begin, false);
  }
  void add(std::size_t begin, std::size_t end, bool is_match) {
    spans_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), is_match});
    done_ = end;
  }
  std::string_view text_;
  std::vector<Span>& spans_;
  std::size_t done_ = 0;
};

void find_regex(const Regex& regex, std::string_view text, RegexScratch& scratch, SpanWriter& writer) {
  const PcreCode& code = regex.form_for(text);
  std::size_t from = 0;
  std::size_t last_end = std::string_view::npos;
  PcreCode::Match match{};
  while (from <= text.size() && code.find(text, from, scratch, match)) {
    if (match.begin == match.end && match.end == last_end) {
      // An empty match right after a match is none: look again from the next character.
      from += from < text.size() ? utf8_length(text[from]) : 1;
      continue;
    }
    writer.match(match.begin, match.end);
    from = last_end = match.end;
  }
}

void find_literal(const std::string& literal, std::string_view text, SpanWriter& writer) {
  for (std::size_t pos = text.find(literal); pos != std::string_view::npos;
       pos = text.find(literal, pos + literal.size())) {
    writer.match(pos, pos + literal.size());
  }
}

}  // namespace

Pattern Pattern::regex(std::string_view pattern, const std::string& where) {
  return Pattern(Regex(pattern, where));
}

Pattern Pattern::literal(std::string text) {
  // The empty text matches between all characters, which only the regular expression machinery does.
  if (text.empty()) return Pattern(Regex("", "pattern"));
  return Pattern(std::move(text));
}

Pattern Pattern::character(Predicate predicate) {
  return Pattern(predicate);
}

void Pattern::find_all(std::string_view text, RegexScratch& scratch, std::vector<Span>& spans) const {
  if (text.empty()) return;
  SpanWriter writer(text, spans);
  if (const auto* regex = std::get_if<Regex>(&kind_)) {
    find_regex(*regex, text, scratch, writer);
  } else if (const auto* literal = std::get_if<std::string>(&kind_)) {
    find_literal(*literal, text, writer);
  } else {
    const Predicate predicate = std::get<Predicate>(kind_);
    for (std::size_t pos = 0; pos < text.size();) {
      const Utf8Char c = decode_utf8(text, pos);
      if (predicate(c.code_point)) writer.match(pos, pos + c.num_bytes);
      pos += c.num_bytes;
    }
  }
}

}  // namespace sift::text
