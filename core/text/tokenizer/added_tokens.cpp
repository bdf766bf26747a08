#include "text/tokenizer/added_tokens.h"

#include <algorithm>

#include "base/unicode.h"
#include "base/utf8.h"
#include "text/tokenizer/rust_characters.h"

namespace sift::text {
namespace {

bool stands_alone(std::string_view text, std::size_t begin, std::size_t end) {
  const bool word_before = begin > 0 && is_word(decode_utf8(text, previous_utf8(text, begin)).code_point);
  const bool word_after = end < text.size() && is_word(decode_utf8(text, end).code_point);
  return !word_before && !word_after;
}

std::size_t skip_space_back(std::string_view text, std::size_t begin, std::size_t limit) {
  while (begin > limit) {
    const std::size_t previous = previous_utf8(text, begin);
    if (!unicode::is_white_space(decode_utf8(text, previous).code_point)) break;
    begin = previous;
  }
  return std::max(begin, limit);
}

std::size_t skip_space(std::string_view text, std::size_t end) {
  while (end < text.size()) {
    const Utf8Char c = decode_utf8(text, end);
    if (!unicode::is_white_space(c.code_point)) break;
    end += c.num_bytes;
  }
  return end;
}

}  // namespace

AddedTokenMatcher::AddedTokenMatcher(const std::vector<AddedToken>& tokens) : nodes_(1) {
  for (const AddedToken& token : tokens) {
    if (token.spelling.empty()) continue;
    std::uint32_t node = 0;
    for (const char c : token.spelling) {
      const auto byte = static_cast<unsigned char>(c);
      std::uint32_t next = child(node, byte);
      if (next == 0) {
        next = static_cast<std::uint32_t>(nodes_.size());
        nodes_[node].edges.emplace_back(byte, next);
        if (node == 0) first_nodes_[byte] = next;
        nodes_.emplace_back();
      }
      node = next;
    }
    if (nodes_[node].token >= 0) continue;
    nodes_[node].token = static_cast<std::int32_t>(tokens_.size());
    tokens_.push_back(token);
  }
  if (nodes_[0].edges.size() == 1) only_first_byte_ = static_cast<char>(nodes_[0].edges[0].first);
}

std::uint32_t AddedTokenMatcher::child(std::uint32_t node, unsigned char byte) const {
  if (node == 0) return first_nodes_[byte];
  for (const auto& [edge, next] : nodes_[node].edges) {
    if (edge == byte) return next;
  }
  return 0;
}

std::size_t AddedTokenMatcher::next_candidate(std::string_view text, std::size_t pos) const {
  if (only_first_byte_) return std::min(text.find(*only_first_byte_, pos), text.size());
  while (pos < text.size() && first_nodes_[static_cast<unsigned char>(text[pos])] == 0) ++pos;
  return pos;
}

std::int32_t AddedTokenMatcher::longest_at(std::string_view text, std::size_t pos, std::size_t& end) const {
  std::int32_t longest = -1;
  std::uint32_t node = 0;
  while (pos < text.size()) {
    node = child(node, static_cast<unsigned char>(text[pos++]));
    if (node == 0) break;
    if (nodes_[node].token >= 0) {
      longest = nodes_[node].token;
      end = pos;
    }
  }
  return longest;
}

void AddedTokenMatcher::split(std::string_view text, std::vector<Segment>& segments) const {
  std::size_t done = 0;
  const auto add = [&](std::size_t begin, std::size_t end, std::int32_t id) {
    segments.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), id});
    done = end;
  };
  std::size_t pos = tokens_.empty() ? text.size() : next_candidate(text, 0);
  while (pos < text.size()) {
    std::size_t match_end = 0;
    const std::int32_t index = longest_at(text, pos, match_end);
    if (index < 0) {
      pos = next_candidate(text, pos + 1);
      continue;
    }
    const AddedToken& token = tokens_[static_cast<std::size_t>(index)];
    if (!token.ignored && (!token.single_word || stands_alone(text, pos, match_end))) {
      const std::size_t begin = token.lstrip ? skip_space_back(text, pos, done) : pos;
      const std::size_t end = token.rstrip ? skip_space(text, match_end) : match_end;
      if (done < begin) add(done, begin, -1);
      // A match may lie within the space that the one before took along.
      if (begin < end) add(begin, end, token.id);
    }
    // The search goes on after the bare match, which also uses up what is rejected.
    pos = next_candidate(text, match_end);
  }
  if (done < text.size()) add(done, text.size(), -1);
}

}  // namespace sift::text
