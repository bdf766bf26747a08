#include "text/tokenizer/post_processor.h"

#include <algorithm>

#include "base/unicode.h"
#include "base/utf8.h"
#include "text/tokenizer/byte_level.h"

namespace sift::text {
namespace {

bool is_space(char32_t c) {
  return c == byte_to_char(' ') || unicode::is_white_space(c);
}

std::size_t count_leading_spaces(std::string_view token) {
  std::size_t count = 0;
  for (std::size_t pos = 0; pos < token.size(); ++count) {
    const Utf8Char c = decode_utf8(token, pos);
    if (!is_space(c.code_point)) break;
    pos += c.num_bytes;
  }
  return count;
}

std::size_t count_trailing_spaces(std::string_view token) {
  std::size_t count = 0;
  for (std::size_t end = token.size(); end > 0; ++count) {
    end = previous_utf8(token, end);
    if (!is_space(decode_utf8(token, end).code_point)) break;
  }
  return count;
}

// HF tokenizers trims as many characters of the text as the token has spaces at that end.
void trim(std::pair<std::uint32_t, std::uint32_t>& range, std::string_view token, std::string_view text,
          bool is_first_with_prefix) {
  std::size_t leading = count_leading_spaces(token);
  if (leading == 1 && is_first_with_prefix) leading = 0;  // the space is ours, not the text's
  for (; leading > 0 && range.first < range.second; --leading) range.first += utf8_length(text[range.first]);
  std::size_t end = range.second;
  for (std::size_t trailing = count_trailing_spaces(token); trailing > 0; --trailing) {
    if (end == 0) return;
    end = previous_utf8(text, end);
  }
  range.second = std::max(static_cast<std::uint32_t>(end), range.first);
}

}  // namespace

void PostProcessor::apply(Encoding& encoding, std::string_view text, const TokenTable& tokens,
                          std::span<const FoundToken> found, bool add_special_tokens,
                          bool with_offsets) const {
  for (const TrimOffsets& step : trims_) trim_all(step, encoding, text, tokens, found);
  if (!add_special_tokens) return;
  for (const Template& step : templates_) {
    encoding.ids.insert(encoding.ids.begin(), step.before.begin(), step.before.end());
    encoding.ids.insert(encoding.ids.end(), step.after.begin(), step.after.end());
    if (!with_offsets) continue;
    encoding.offsets.insert(encoding.offsets.begin(), step.before.size(), {0, 0});
    encoding.offsets.insert(encoding.offsets.end(), step.after.size(), {0, 0});
  }
}

void PostProcessor::trim_all(const TrimOffsets& step, Encoding& encoding, std::string_view text,
                             const TokenTable& tokens, std::span<const FoundToken> found) {
  auto next_found = found.begin();
  for (std::size_t i = 0; i < encoding.offsets.size(); ++i) {
    const bool is_first = i == 0 || encoding.offsets[i].first == 0;
    const std::string* token = tokens.model().token(encoding.ids[i]);
    if (next_found != found.end() && next_found->index == i) token = &(next_found++)->text;
    if (token != nullptr) trim(encoding.offsets[i], *token, text, is_first && step.add_prefix_space);
  }
}

}  // namespace sift::text
