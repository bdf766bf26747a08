#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sift::text {

/// A token that is matched in the raw text, never produced by the model.
struct AddedToken {
  std::string content;
  std::string spelling;  // what is looked for: the content, normalised if `normalized`
  std::int32_t id = 0;
  bool single_word = false;  // only where no word character touches it
  bool lstrip = false;       // takes the white space before it along
  bool rstrip = false;       // and after it
  bool normalized = true;    // looked for in the normalised text
  bool special = false;      // left out of decoded text on request
  bool ignored = false;      // found, so that no other token is found there, but left as plain text

  bool operator==(const AddedToken&) const = default;
};

/// A stretch of text that is an added token (id >= 0) or plain text (id -1), in bytes.
struct Segment {
  std::uint32_t begin;
  std::uint32_t end;
  std::int32_t id;
};

/// Finds added tokens: the leftmost first and of those the longest, then goes on after it.
class AddedTokenMatcher {
 public:
  AddedTokenMatcher() = default;
  /// Looks for the tokens' spellings. The first of equal ones counts; empty ones are left out.
  explicit AddedTokenMatcher(const std::vector<AddedToken>& tokens);

  bool empty() const { return tokens_.empty(); }
  /// Appends segments that cover `text` front to back. Stripped white space belongs to the token's segment.
  void split(std::string_view text, std::vector<Segment>& segments) const;

 private:
  struct Node {
    std::vector<std::pair<unsigned char, std::uint32_t>> edges;
    std::int32_t token = -1;  // index into tokens_ of the text that ends here
  };

  std::uint32_t child(std::uint32_t node, unsigned char byte) const;
  std::size_t next_candidate(std::string_view text, std::size_t pos) const;
  // Index of the longest token at `pos` and its end, or -1.
  std::int32_t longest_at(std::string_view text, std::size_t pos, std::size_t& end) const;

  std::vector<AddedToken> tokens_;
  std::vector<Node> nodes_;                       // a trie; 0 is its root and stands for "no child"
  std::array<std::uint32_t, 256> first_nodes_{};  // the root's children
  std::optional<char> only_first_byte_;           // all tokens start with it
};

}  // namespace sift::text
