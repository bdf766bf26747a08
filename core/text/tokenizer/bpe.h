#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "text/tokenizer/bpe_merge.h"
#include "text/tokenizer/word_cache.h"

namespace sift::text {

/// Lets a map of strings be asked with a string_view.
struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using Vocab = std::unordered_map<std::string, std::int32_t, StringHash, std::equal_to<>>;

/// What a tokenizer.json says about its BPE model.
struct BpeOptions {
  Vocab vocab;
  std::vector<std::pair<std::string, std::string>> merges;  // most important first
  std::optional<std::string> unk_token;
  bool fuse_unk = false;
  bool byte_fallback = false;
  bool ignore_merges = false;
};

/// The memory that encoding words reuses; one per thread and model.
struct BpeScratch {
  std::vector<Symbol> symbols;
  Merger merger;
  WordCache cache;
};

/// A byte pair encoding model. Immutable, so threads share it.
class Bpe {
 public:
  /// `where` starts the messages of the errors thrown: a merge of unknown tokens, here; an unknown unk_token,
  /// when a word needs it.
  Bpe(BpeOptions options, std::string where);

  /// From now on words are bytes, not characters of the ByteLevel alphabet. Returns false, and changes
  /// nothing, if the results could differ: a byte of UTF-8 has no token, or byte_fallback is set.
  bool take_bytes();

  /// Appends the tokens of a non-empty word.
  void encode_word(std::string_view word, BpeScratch& scratch, std::vector<Symbol>& out) const;

  const Vocab& vocab() const { return options_.vocab; }
  /// The token with this id, or null.
  const std::string* token(std::int32_t id) const;

 private:
  void add_merges();
  void add_start_symbols();
  void encode_unit(std::string_view word, BpeScratch& scratch, std::vector<Symbol>& out) const;
  void tokenize(std::string_view word, BpeScratch& scratch) const;
  void add_char_symbols(std::string_view word, std::vector<Symbol>& symbols) const;
  std::int32_t char_id(std::string_view word, std::size_t pos, std::uint32_t num_bytes) const;
  bool add_fallback(std::string_view character, std::vector<Symbol>& symbols) const;
  std::int32_t unk_id() const;

  BpeOptions options_;
  std::string where_;
  std::unordered_map<std::int32_t, std::string> tokens_;
  MergeTable merges_;
  std::array<std::int32_t, 256> byte_ids_{};      // id of the token that is this one byte; -1: none
  std::array<std::int32_t, 256> fallback_ids_{};  // id of <0xNN>; -1: none
  FlatMap char_ids_;                              // tokens of one character
  Vocab byte_vocab_;                              // the vocabulary in bytes, for ignore_merges
  bool takes_bytes_ = false;
  bool splits_at_metaspace_ = false;         // no merge crosses some starts of U+2581, see add_merges
  std::array<bool, 256> joins_metaspace_{};  // by the byte before it: a merge may cross
};

}  // namespace sift::text
