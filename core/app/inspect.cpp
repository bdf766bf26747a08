#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "app/commands.h"
#include "app/print.h"
#include "data/cache_folder.h"
#include "data/inspect_data.h"
#include "data/pack_dataset.h"
#include "data/prepare.h"
#include "data/prepare_row.h"
#include "model/model_config.h"
#include "model/vocabulary.h"
#include "text/text_processor.h"

namespace sift {
namespace {

Marking marking_of_output() {
  const bool colours = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  return colours ? Marking::kColours : Marking::kBrackets;
}

void print_packing(const PreparedData& data, const DataOptions& options) {
  if (data.counts.packed_rows > 0) {
    print(fmt::format(
        "packing {}: {} rows of at most {} tokens, {:.1f} % full, {:.1f} documents a row\n",
        options.packing_strategy, data.counts.packed_rows, options.max_length,
        100 * data.counts.packing_efficiency,
        static_cast<double>(data.dataset.num_documents()) / static_cast<double>(data.counts.packed_rows)));
  } else if (options.max_length > 0) {
    const std::int64_t num_rows =
        num_packed_rows(data.dataset, {options.max_length, PackingStrategy::kBfd}, spill_of(options));
    print(fmt::format("not packed; packing = true would make {} rows of at most {} tokens, {:.1f} % full\n",
                      num_rows, options.max_length,
                      100 * static_cast<double>(data.dataset.num_tokens()) /
                          static_cast<double>(num_rows * options.max_length)));
  }
}

void print_data(const char* name, const PreparedData& data, const DataOptions& options, std::int64_t rows,
                const TextProcessor& text) {
  print(fmt::format("=== {}: {}\n", name, data.counts.to_string()));
  data.counts.log_warnings(name);
  print_packing(data, options);
  print(length_histogram(data.dataset));
  const Marking marking = marking_of_output();
  for (std::int64_t row = 0; row < std::min(rows, data.dataset.num_rows()); ++row)
    print(describe_row(data.dataset, row, text.tokenizer(), marking));
}

}  // namespace

int run_inspect(const InspectArguments& arguments) {
  PluginHost host;
  const Config config = load_config(arguments.config.file, arguments.config.overrides, host);
  const DataOptions& options = config.data;
  const TextProcessor text = text_processor(config.model.path, options);
  ModelConfig model = ModelConfig::from_folder(config.model.path);
  fit_vocabulary(model, text, config.model.resize_token_embeddings);
  const auto vocab_size = model.vocab_size;
  if (arguments.rows > 0)
    print(fmt::format("scored tokens are {}\n", marking_of_output() == Marking::kColours
                                                    ? "green, the others faint"
                                                    : "in [[double brackets]]"));
  print_data("train",
             prepare_data(options.train, options, text, vocab_size,
                          Arrangement::of_train(options, config.train.seed)),
             options, arguments.rows, text);
  if (!options.eval.empty()) {
    print_data("eval",
               prepare_data(options.eval, options, text, vocab_size,
                            Arrangement::of_eval(options, config.train.seed)),
               options, arguments.rows, text);
  }
  return 0;
}

}  // namespace sift
