#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "model/decoder/decoder.h"

namespace sift {

/// Continues `prompt` with the most likely token, one at a time, until one of `stop_ids` or `max_new_tokens`.
/// Returns the new tokens, the stop token included. `on_token`, if set, is called with each.
/// Throws Error on an empty prompt and on a token that is not in the vocabulary.
std::vector<std::int32_t> generate_greedy(const Decoder& model, std::span<const std::int32_t> prompt,
                                          std::int64_t max_new_tokens,
                                          const std::vector<std::int64_t>& stop_ids,
                                          const std::function<void(std::int32_t)>& on_token);

}  // namespace sift
