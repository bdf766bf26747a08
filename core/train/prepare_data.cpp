#include "train/prepare_data.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sift/log.h>
#include "data/token_cache.h"

namespace sift {
namespace {

PreparedData prepare(const char* name, const std::vector<std::string>& files, const Arrangement& arrangement,
                     const DataPreparation& preparation) {
  PreparedData data =
      prepare_cached({files, preparation.options, preparation.text, preparation.vocab_size, arrangement});
  log_info(fmt::format("{} data{}: {}", name, data.from_cache ? " (from the cache)" : "",
                       data.counts.to_string()));
  data.counts.log_warnings(name);
  return data;
}

template <class Prepare>
PreparedData in_turn(Parallel& parallel, const Prepare& prepare) {
  std::optional<PreparedData> data;
  if (parallel.is_first_of_host()) data = prepare();
  parallel.barrier();
  return data ? std::move(*data) : prepare();
}

}  // namespace

PreparedData prepare_train(const DataPreparation& preparation, Parallel& parallel) {
  const DataOptions& options = preparation.options;
  return in_turn(parallel, [&] {
    return prepare("train", options.train, Arrangement::of_train(options, preparation.seed), preparation);
  });
}

PreparedData prepare_eval(const DataPreparation& preparation, Parallel& parallel) {
  const DataOptions& options = preparation.options;
  return in_turn(parallel, [&] {
    return prepare("eval", options.eval, Arrangement::of_eval(options, preparation.seed), preparation);
  });
}

}  // namespace sift
