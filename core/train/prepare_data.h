#pragma once

#include <cstdint>

#include "data/data_options.h"
#include "data/prepare.h"
#include "parallel/parallel.h"
#include "text/text_processor.h"

namespace sift {

/// How the data of a run are prepared.
struct DataPreparation {
  const DataOptions& options;
  std::int64_t seed = 0;
  const TextProcessor& text;
  std::int64_t vocab_size = 0;
};

/// The rows of options.train or options.eval, from the token cache if it has them. The first process of a
/// host prepares them; the others find them in the cache.
PreparedData prepare_train(const DataPreparation& preparation, Parallel& parallel);
PreparedData prepare_eval(const DataPreparation& preparation, Parallel& parallel);

}  // namespace sift
