#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "data/prepared_row.h"
#include "text/tokenizer.h"

namespace sift {

/// Labels where the mask is false become unscored. The mask has an entry for each token.
void apply_mask(const std::vector<bool>& mask, PreparedRow& row);

/// The tokens that `prompt_ids` and the row have in common at their start become unscored.
void mask_prompt(const std::vector<std::int32_t>& prompt_ids, PreparedRow& row);

/// Labels of tokens outside the spans, in bytes of the text, become unscored; a token that overlaps a span is
/// scored. Returns whether any is.
bool mask_all_but(const std::vector<std::pair<std::size_t, std::size_t>>& spans, const Encoding& encoding,
                  PreparedRow& row);

}  // namespace sift
