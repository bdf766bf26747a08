#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/sections.h"
#include "data/dataset.h"
#include "text/text_processor.h"

namespace sift {

/// What became of the rows of a data set.
struct PrepareCounts {
  std::int64_t rows_read = 0;
  std::int64_t rows_kept = 0;
  std::int64_t dropped_unscored = 0;   ///< no label left after truncation (only with a max_length, as in TRL)
  std::int64_t dropped_empty = 0;      ///< no token at all
  std::int64_t kept_unscored = 0;      ///< kept, but nothing in them is scored
  std::int64_t truncated = 0;          ///< longer than max_length
  std::int64_t prompt_not_prefix = 0;  ///< prompt tokenized otherwise alone than with its completion
  std::int64_t tokens = 0;
  std::int64_t scored_tokens = 0;

  std::string to_string() const;
};

struct PreparedData {
  TokenDataset dataset;
  PrepareCounts counts;
};

/// Reads the .jsonl files, in order, and prepares every row on all cores. The result does not depend on the
/// number of cores. Throws Error "FILE:LINE: ..." for the first bad row, and when nothing is left to train
/// on.
PreparedData prepare_data(const std::vector<std::string>& files, const DataOptions& options,
                          const TextProcessor& text, std::int64_t vocab_size);

}  // namespace sift
