#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/tokenizer/added_tokens.h"
#include "text/tokenizer/bpe.h"
#include "text/tokenizer/normalizer.h"

namespace sift::text {

/// All tokens by name and by id: the model's, and the added ones on top of them.
class TokenTable {
 public:
  /// Gives every added token its id as HF tokenizers does: the model's if the model has the token, else the
  /// next one after model and added tokens. Throws sift::Error starting with `where` if the file says
  /// another id. `added` need no spelling yet.
  TokenTable(Bpe model, std::vector<AddedToken> added, const Normalizer& normalizer,
             const std::string& where);

  /// Adds a token, as `add_tokens` of HF tokenizers does: one that the table has keeps its id and gets these
  /// flags, a new one gets the next id after model and added tokens.
  void add(AddedToken token, const Normalizer& normalizer);

  const Bpe& model() const { return model_; }
  Bpe& model() { return model_; }
  std::int32_t size() const;
  std::int32_t highest_id() const;  ///< -1 without tokens
  std::optional<std::int32_t> id(std::string_view token) const;
  /// The token with this id, or null. An added token that is normalised, or was before it got other flags,
  /// reads as its normalised self.
  const std::string* token(std::int32_t id) const;
  bool is_added(std::int32_t id) const { return added_.contains(id); }
  /// Asks for a text that token() gave. As in HF tokenizers, a special token that normalisation changes is
  /// none.
  bool is_special(std::string_view token) const { return special_.contains(token); }

  /// Finds the added tokens to look for before normalisation (`normalized` false) or after it (true).
  /// `split_special_tokens` leaves the special ones to the model.
  AddedTokenMatcher matcher(bool normalized, bool split_special_tokens) const;

 private:
  std::int32_t next_id() const;
  void put(std::int32_t id, AddedToken token, const Normalizer& normalizer);

  Bpe model_;
  Vocab added_ids_;
  std::unordered_map<std::int32_t, AddedToken> added_;
  std::int32_t highest_added_ = -1;
  std::vector<std::int32_t> order_;  // ids in the order of adding
  Vocab special_;
  std::unordered_map<std::int32_t, std::string> normalized_texts_;  // by id
};

}  // namespace sift::text
