#pragma once

#include <cstdint>
#include <vector>

namespace sift {

/// A row before truncation. Each label is the token at its position, or kIgnoreIndex.
struct PreparedRow {
  std::vector<std::int32_t> input_ids;
  std::vector<std::int32_t> labels;
  bool prompt_is_prefix = true;    ///< false: the tokens of the prompt differ with and without the completion
  bool spans_by_prefixes = false;  ///< the assistant spans were found by assistant_spans_by_prefixes()
  bool mask_is_unused =
      false;  ///< its completion_mask has no effect, because completion_only_loss is not set
};

}  // namespace sift
