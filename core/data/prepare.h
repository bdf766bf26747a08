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

/// What happened to the rows of a data set.
struct PrepareCounts {
  std::int64_t rows_read = 0;
  std::int64_t rows_kept = 0;
  std::int64_t dropped_unscored = 0;   ///< no label left after truncation (only with a max_length, as in TRL)
  std::int64_t dropped_empty = 0;      ///< no tokens
  std::int64_t kept_unscored = 0;      ///< kept, but without scored tokens
  std::int64_t truncated = 0;          ///< longer than max_length and truncated
  std::int64_t split = 0;              ///< longer than max_length and split by packing
  std::int64_t prompt_not_prefix = 0;  ///< prompts whose tokens differ with and without the completion
  std::int64_t spans_by_prefixes = 0;  ///< rows whose assistant spans were found by rendering prefixes
  std::int64_t unused_masks = 0;       ///< rows whose completion_mask has no effect, as in TRL
  std::int64_t tokens = 0;
  std::int64_t scored_tokens = 0;
  std::int64_t packed_rows = 0;     ///< number of packed rows; 0: no packing
  double packing_efficiency = 0.0;  ///< filled fraction of the packed rows, 0 to 1

  std::string to_string() const;
  /// What the user should know about: one warning each.
  std::vector<std::string> warnings() const;
  /// Logs them; `name` says of which data: "train".
  void log_warnings(const std::string& name) const;
};

struct PreparedData {
  TokenDataset dataset;
  PrepareCounts counts;
  std::vector<std::string> files;      ///< indexed by RowOrigin::file
  bool from_cache = false;             ///< read from a TokenCache
  std::shared_ptr<const void> in_use;  ///< prevents its eviction from the TokenCache
};

/// How tokenized rows are arranged.
struct Arrangement {
  bool packing = false;
  std::optional<std::int64_t> shuffle_seed;  ///< of shuffle_dataset; not set: the order of the files

  static Arrangement of_train(const DataOptions& options, std::int64_t seed);
  static Arrangement of_eval(const DataOptions& options, std::int64_t seed);
};

/// Reads the files and patterns in order (data_files), prepares the rows on all cores, and arranges them. The
/// result does not depend on the number of cores. As in TRL, rows to be packed are kept even if nothing in
/// them is scored, and are shuffled before and after packing. Tokens that exceed memory spill to unnamed
/// files in the folder of the token cache. Throws Error "FILE:LINE: ..." (see place_of_row()) for the first
/// bad row, and if no rows are left.
PreparedData prepare_data(const std::vector<std::string>& files, const DataOptions& options,
                          const TextProcessor& text, std::int64_t vocab_size,
                          const Arrangement& arrangement = {});

}  // namespace sift
