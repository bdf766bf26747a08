#include "text/tokenizer/token_table.h"

#include <fmt/format.h>

#include <algorithm>

#include <sift/error.h>

namespace sift::text {

TokenTable::TokenTable(Bpe model, std::vector<AddedToken> added, const Normalizer& normalizer,
                       const std::string& where)
    : model_(std::move(model)) {
  for (AddedToken& token : added) {
    if (token.content.empty()) continue;
    const std::int32_t assigned = id(token.content).value_or(next_id());
    if (assigned != token.id) {
      throw Error(
          fmt::format("{}: added token '{}' has id {}, but its place in the vocabulary is {}: the ids of "
                      "added tokens must be those of the model or directly follow its {} tokens",
                      where, token.content, token.id, assigned, model_.vocab().size()));
    }
    put(assigned, std::move(token), normalizer);
  }
}

void TokenTable::add(AddedToken token, const Normalizer& normalizer) {
  if (token.content.empty()) return;
  const std::int32_t assigned = id(token.content).value_or(next_id());
  put(assigned, std::move(token), normalizer);
}

std::int32_t TokenTable::next_id() const {
  const auto model_size = static_cast<std::int32_t>(model_.vocab().size());
  return std::max(model_size, highest_added_ + 1);
}

void TokenTable::put(std::int32_t id, AddedToken token, const Normalizer& normalizer) {
  RegexScratch scratch;
  AlignedText spelling(token.content, 0, false);
  if (token.normalized) normalizer.apply(spelling, scratch);
  token.id = id;
  token.spelling = spelling.view();
  if (token.normalized) normalized_texts_[id] = token.spelling;
  added_ids_[token.content] = id;
  highest_added_ = std::max(highest_added_, id);
  // once special, always: flags that come later change the others
  token.special = token.special || special_.contains(token.content);
  if (token.special) special_[token.content] = id;
  if (added_.insert_or_assign(id, std::move(token)).second) order_.push_back(id);
}

std::int32_t TokenTable::size() const {
  const auto is_new = [&](const auto& entry) { return !model_.vocab().contains(entry.first); };
  const auto num_new = std::count_if(added_ids_.begin(), added_ids_.end(), is_new);
  return static_cast<std::int32_t>(model_.vocab().size()) + static_cast<std::int32_t>(num_new);
}

std::int32_t TokenTable::highest_id() const {
  std::int32_t highest = highest_added_;
  for (const auto& [token, id] : model_.vocab()) highest = std::max(highest, id);
  return highest;
}

std::optional<std::int32_t> TokenTable::id(std::string_view token) const {
  if (const auto found = added_ids_.find(token); found != added_ids_.end()) return found->second;
  if (const auto found = model_.vocab().find(token); found != model_.vocab().end()) return found->second;
  return std::nullopt;
}

const std::string* TokenTable::token(std::int32_t id) const {
  if (const auto found = normalized_texts_.find(id); found != normalized_texts_.end()) return &found->second;
  const auto found = added_.find(id);
  return found == added_.end() ? model_.token(id) : &found->second.content;
}

AddedTokenMatcher TokenTable::matcher(bool normalized, bool split_special_tokens) const {
  std::vector<AddedToken> tokens;
  for (const std::int32_t id : order_) {
    if (added_.at(id).normalized != normalized) continue;
    tokens.push_back(added_.at(id));
    tokens.back().ignored = split_special_tokens && tokens.back().special;
  }
  // of equal spellings the first counts, and special tokens come first
  std::stable_partition(tokens.begin(), tokens.end(), [](const AddedToken& token) { return token.special; });
  return AddedTokenMatcher(tokens);
}

}  // namespace sift::text
