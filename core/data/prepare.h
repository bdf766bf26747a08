#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/data_options.h"
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
  std::int64_t truncated = 0;          ///< longer than max_length, and lost the rest
  std::int64_t split = 0;              ///< longer than max_length, and cut into several by packing
  std::int64_t prompt_not_prefix = 0;  ///< prompt tokenized otherwise alone than with its completion
  std::int64_t spans_by_prefixes = 0;  ///< rows whose assistant spans were found by rendering prefixes
  std::int64_t tokens = 0;
  std::int64_t scored_tokens = 0;
  std::int64_t packed_rows = 0;     ///< number of packed rows; 0: no packing
  double packing_efficiency = 0.0;  ///< part of the packed rows that is filled, 0 to 1

  std::string to_string() const;
};

struct PreparedData {
  TokenDataset dataset;
  PrepareCounts counts;
  std::vector<std::string> files;      ///< that RowOrigin counts
  bool from_cache = false;             ///< read from a TokenCache
  std::shared_ptr<const void> in_use;  ///< keeps the TokenCache from removing it
};

/// What happens to the rows once they are tokens.
struct Arrangement {
  bool packing = false;
  std::optional<std::int64_t> shuffle_seed;  ///< of shuffle_dataset; not set: the order of the files

  static Arrangement of_train(const DataOptions& options, std::int64_t seed);
  static Arrangement of_eval(const DataOptions& options, std::int64_t seed);
};

/// Reads the files and patterns of files (data_files), in order, prepares every row on all cores, and
/// arranges them. The result does not depend on the number of cores. As in TRL, rows that are packed are not
/// dropped when nothing in them is scored, and are shuffled before and after. Tokens that become too many for
/// memory go through files without names in the folder of the token cache. Throws Error "FILE:LINE: ..."
/// (see place_of_row()) for the first bad row, and when nothing is left to train on.
PreparedData prepare_data(const std::vector<std::string>& files, const DataOptions& options,
                          const TextProcessor& text, std::int64_t vocab_size,
                          const Arrangement& arrangement = {});

}  // namespace sift
