#include "text/tokenizer/token_table.h"

#include <fmt/format.h>

#include <algorithm>

#include <sift/error.h>

namespace sift::text {

TokenTable::TokenTable(Bpe model, std::vector<AddedToken> added, const Normalizer& normalizer,
                       const std::string& where)
    : model_(std::move(model)) {
  RegexScratch scratch;
  const auto model_size = static_cast<std::int32_t>(model_.vocab().size());
  std::int32_t next_id = model_size;
  for (AddedToken& token : added) {
    if (token.content.empty()) continue;
    const std::int32_t assigned = id(token.content).value_or(next_id);
    if (assigned != token.id) {
      throw Error(
          fmt::format("{}: added token '{}' has id {}, but its place in the vocabulary is {}: the ids of "
                      "added tokens must be those of the model or directly follow its {} tokens",
                      where, token.content, token.id, assigned, model_size));
    }
    next_id = std::max(next_id, assigned + 1);
    added_ids_[token.content] = assigned;
    AlignedText spelling(token.content, 0, false);
    if (token.normalized) normalizer.apply(spelling, scratch);
    token.spelling = spelling.view();
    if (token.special) special_[token.content] = assigned;
    if (std::find(order_.begin(), order_.end(), assigned) == order_.end()) order_.push_back(assigned);
    added_[assigned] = std::move(token);
  }
  std::stable_partition(order_.begin(), order_.end(),
                        [&](std::int32_t token_id) { return added_.at(token_id).special; });
}

std::int32_t TokenTable::size() const {
  const auto is_new = [&](const auto& entry) { return !model_.vocab().contains(entry.first); };
  const auto num_new = std::count_if(added_ids_.begin(), added_ids_.end(), is_new);
  return static_cast<std::int32_t>(model_.vocab().size()) + static_cast<std::int32_t>(num_new);
}

std::optional<std::int32_t> TokenTable::id(std::string_view token) const {
  if (const auto found = added_ids_.find(token); found != added_ids_.end()) return found->second;
  if (const auto found = model_.vocab().find(token); found != model_.vocab().end()) return found->second;
  return std::nullopt;
}

const std::string* TokenTable::token(std::int32_t id) const {
  const auto found = added_.find(id);
  return found == added_.end() ? model_.token(id) : &found->second.spelling;
}

AddedTokenMatcher TokenTable::matcher(bool normalized, bool split_special_tokens) const {
  std::vector<AddedToken> tokens;
  for (const std::int32_t id : order_) {
    if (added_.at(id).normalized != normalized) continue;
    tokens.push_back(added_.at(id));
    tokens.back().ignored = split_special_tokens && tokens.back().special;
  }
  return AddedTokenMatcher(tokens);
}

}  // namespace sift::text
