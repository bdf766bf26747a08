#include "model/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include <sift/error.h>

namespace sift {
namespace {

constexpr std::size_t kMaxListed = 5;

/// The tokens without a row, and their ids.
std::string listed_tokens(const ModelConfig& config, const TextProcessor& text) {
  std::string list;
  std::size_t count = 0;
  for (const std::string& token : text.tokens_from_files()) {
    const auto id = text.tokenizer().token_to_id(token);
    if (!id || *id < config.vocab_size) continue;
    if (++count <= kMaxListed) list += fmt::format("{}'{}' ({})", count == 1 ? "" : ", ", token, *id);
  }
  return count > kMaxListed ? fmt::format("{} and {} more", list, count - kMaxListed) : list;
}

}  // namespace

void fit_vocabulary(ModelConfig& config, const TextProcessor& text, bool resize) {
  if (resize) {
    config.set_vocab_size(std::max(config.vocab_size, text.tokenizer().highest_id() + 1));
    return;
  }
  const std::string tokens = listed_tokens(config, text);
  if (tokens.empty()) return;
  throw Error(fmt::format(
      "{}: the tokenizer files add tokens for which the model's embedding of {} rows has none: {}; "
      "set resize_token_embeddings = true in [model] to add rows, or remove the tokens",
      text.files()->folder().string(), config.vocab_size, tokens));
}

}  // namespace sift
