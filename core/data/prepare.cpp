#include "data/prepare.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <optional>
#include <span>
#include <thread>
#include <utility>

#include <sift/error.h>
#include <sift/log.h>
#include <sift/tensors.h>
#include "data/cache_folder.h"
#include "data/collate.h"
#include "data/data_files.h"
#include "data/pack_dataset.h"
#include "data/prepare_row.h"
#include "data/row_media.h"
#include "data/row_source.h"
#include "data/sampler.h"

namespace sift {
namespace {

struct Outcome {
  PreparedRow row;
  std::optional<std::string> error;
};

std::vector<Outcome> prepare_block(const RowPreparer& preparer, std::span<const JsonLine> lines) {
  std::vector<Outcome> outcomes(lines.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < lines.size(); i = next++) {
      try {
        outcomes[i].row = preparer.prepare(lines[i].text);
      } catch (const std::exception& error) {
        outcomes[i].error = error.what();
      }
    }
  };
  const std::size_t num_threads =
      std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, lines.size());
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < num_threads; ++i) threads.emplace_back(work);
  work();
  return outcomes;
}

/// Truncates a row that is longer than max_length if packing will not use the rest.
void truncate(PreparedRow& row, const DataOptions& options, bool packing, PrepareCounts& counts) {
  const auto limit = static_cast<std::size_t>(options.max_length);
  if (row.input_ids.size() <= limit) return;
  if (packing && options.packing_strategy != "bfd") {
    ++counts.split;
    return;
  }
  ++counts.truncated;
  row.input_ids.resize(limit);
  row.labels.resize(limit);
}

/// The row with this number in the last file.
RowOrigin origin_of(const JsonLine& line, const PreparedData& data) {
  constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
  return {static_cast<std::uint32_t>(data.files.size() - 1),
          static_cast<std::uint32_t>(std::min(line.number, kMost))};
}

/// Truncates the row, drops it or keeps it, in TRL's order, and updates the counts.
void add_row(PreparedRow& row, RowOrigin origin, const DataOptions& options, bool packing,
             PreparedData& result) {
  PrepareCounts& counts = result.counts;
  ++counts.rows_read;
  if (!row.prompt_is_prefix) ++counts.prompt_not_prefix;
  if (row.spans_by_prefixes) ++counts.spans_by_prefixes;
  if (row.mask_is_unused) ++counts.unused_masks;
  if (row.input_ids.empty()) {
    ++counts.dropped_empty;
    // empty rows count in the blocks of 1000 rows that are packed together
    if (packing) result.dataset.add_row({}, {}, origin);
    return;
  }
  if (options.max_length > 0) {
    truncate(row, options, packing, counts);
    if (!packing &&
        std::ranges::all_of(row.labels, [](std::int32_t label) { return label == kIgnoreIndex; })) {
      ++counts.dropped_unscored;
      return;
    }
  }
  const std::int64_t scored = num_scored(row.labels);
  if (scored == 0) ++counts.kept_unscored;
  ++counts.rows_kept;
  counts.tokens += static_cast<std::int64_t>(row.input_ids.size());
  counts.scored_tokens += scored;
  result.dataset.add_row(row.input_ids, row.labels, origin);
}

void prepare_file(const std::string& path, const DataOptions& options, bool packing,
                  const RowPreparer& preparer, PreparedData& result) {
  result.files.push_back(path);
  const auto source = open_rows(path, RowPreparer::columns(options));
  try {
    refuse_images(source->columns());
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", path, error.what()));
  }
  // only one block of rows exists outside the flat data set
  for (auto block = source->next(); !block.empty(); block = source->next()) {
    std::vector<Outcome> outcomes = prepare_block(preparer, block);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (outcomes[i].error)
        throw Error(fmt::format("{}: {}", place_of_row(path, block[i].number), *outcomes[i].error));
      add_row(outcomes[i].row, origin_of(block[i], result), options, packing, result);
    }
  }
}

void pack_dataset(const DataOptions& options, const Arrangement& arrangement, const Spill& spill,
                  PreparedData& result) {
  const PackingOptions packing{options.max_length, packing_strategy_of(options.packing_strategy),
                               options.cross_documents, arrangement.shuffle_seed};
  result.dataset = pack(result.dataset, packing, spill);
  PrepareCounts& counts = result.counts;
  counts.tokens = result.dataset.num_tokens();
  counts.packed_rows = result.dataset.num_rows();
  counts.packing_efficiency =
      static_cast<double>(counts.tokens) /
      static_cast<double>(std::max<std::int64_t>(1, counts.packed_rows * options.max_length));
  counts.scored_tokens = 0;
  result.dataset.each_row([&](std::int64_t row) { counts.scored_tokens += num_scored(result.dataset, row); });
}

std::optional<std::int64_t> seed_of_shuffle(const DataOptions& options, std::int64_t seed) {
  return options.shuffle_dataset ? std::optional(seed) : std::nullopt;
}

}  // namespace

Arrangement Arrangement::of_train(const DataOptions& options, std::int64_t seed) {
  return {options.packing, seed_of_shuffle(options, seed)};
}

Arrangement Arrangement::of_eval(const DataOptions& options, std::int64_t seed) {
  return {options.eval_packing.value_or(options.packing), seed_of_shuffle(options, seed)};
}

std::string PrepareCounts::to_string() const {
  std::string text = fmt::format("{} rows read, {} kept; {} tokens, {} scored; {} truncated", rows_read,
                                 rows_kept, tokens, scored_tokens, truncated);
  const auto add = [&text](std::int64_t count, const char* what) {
    if (count > 0) text += fmt::format("; {} {}", count, what);
  };
  add(split, "longer than max_length and split");
  add(dropped_empty, "dropped: no tokens");
  add(dropped_unscored, "dropped: no scored token within max_length");
  add(kept_unscored, "kept without a scored token");
  add(prompt_not_prefix, "whose last prompt token merges with the completion and counts as part of it");
  add(spans_by_prefixes,
      "whose assistant spans were found by rendering prefixes, because the chat template has no {% "
      "generation %}");
  if (packed_rows > 0)
    text += fmt::format("; packed into {} rows, {:.1f} % full", packed_rows, 100 * packing_efficiency);
  return text;
}

void PrepareCounts::log_warnings(const std::string& name) const {
  for (const std::string& warning : warnings()) log_warning(fmt::format("{} data: {}", name, warning));
}

std::vector<std::string> PrepareCounts::warnings() const {
  if (unused_masks == 0) return {};
  return {fmt::format(
      "{} of {} rows have a 'completion_mask' that has no effect: without completion_only_loss, every "
      "token of ready input_ids is scored, as in TRL; set completion_only_loss = true in [data] to score "
      "only the completions, or false to say that all tokens are meant",
      unused_masks, rows_read)};
}

PreparedData prepare_data(const std::vector<std::string>& files, const DataOptions& options,
                          const TextProcessor& text, std::int64_t vocab_size,
                          const Arrangement& arrangement) {
  const RowPreparer preparer(text, options, vocab_size);
  const Spill spill = spill_of(options);
  PreparedData result;
  result.dataset = TokenDataset(spill);
  for (const std::string& file : data_files(files))
    prepare_file(file, options, arrangement.packing, preparer, result);
  if (arrangement.packing) {
    pack_dataset(options, arrangement, spill, result);
  } else if (arrangement.shuffle_seed) {
    const RowOrder order = shuffled_order(result.dataset.num_rows(), *arrangement.shuffle_seed, spill);
    result.dataset = reordered(result.dataset, order, spill);
  }
  if (result.counts.scored_tokens == 0) {
    throw Error(
        fmt::format("{}: nothing to train on or evaluate: {}; check max_length and the loss masks in [data]",
                    fmt::join(files, ", "), result.counts.to_string()));
  }
  return result;
}

}  // namespace sift
