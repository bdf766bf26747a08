#include "data/row_plan.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "data/content_hash.h"
#include "data/sampler.h"

namespace sift {
namespace {

template <class T>
void append_bytes(std::string& bytes, std::span<const T> numbers) {
  const std::size_t size = bytes.size();
  bytes.resize(size + numbers.size_bytes());
  if (!numbers.empty()) std::memcpy(bytes.data() + size, numbers.data(), numbers.size_bytes());
}

/// The rows that the current epoch has met.
std::vector<bool> met_in_epoch(const RowPlan& plan, const RowPosition& position) {
  std::vector<bool> met(static_cast<std::size_t>(plan.num_rows));
  std::int64_t left = position.rows;
  if (plan.sampling == "sequential") {
    std::fill_n(met.begin(), left, true);
    return met;
  }
  each_part(epoch_order(plan.num_rows, plan.seed, position.epoch), [&](std::span<const std::int64_t> rows) {
    for (const std::int64_t row : rows) {
      if (left-- > 0) met[static_cast<std::size_t>(row)] = true;
    }
  });
  return met;
}

}  // namespace

std::string content_of(const TokenDataset& dataset) {
  constexpr std::int64_t kSampled = 1000;
  std::string bytes;
  std::vector<std::uint64_t> ends;
  for (const Excerpt& excerpt : dataset.buffers().excerpts) ends.push_back(excerpt.end);
  append_bytes<std::uint64_t>(bytes, ends);
  const std::int64_t num_rows = dataset.num_rows();
  for (std::int64_t i = 0; i < std::min(kSampled, num_rows); ++i) {
    const std::int64_t row = num_rows <= kSampled ? i : i * num_rows / kSampled;
    append_bytes<std::int32_t>(bytes, dataset.input_ids(row));
  }
  return content_hash(bytes);
}

RowPosition position_after(const RowPlan& plan, std::int64_t step) {
  const StepPlan steps =
      StepPlan::make(plan.num_rows, plan.rows_of_round(), plan.accumulation, 1.0, -1, plan.drop_last);
  RowPosition position;
  position.epoch = step / steps.updates_per_epoch;
  const std::int64_t batches = step % steps.updates_per_epoch * plan.accumulation;
  position.rows = std::min(batches * plan.rows_of_round(), plan.num_rows);
  position.epochs = static_cast<double>(position.epoch) +
                    static_cast<double>(batches) / static_cast<double>(steps.batches_per_epoch);
  return position;
}

MetRows met_rows(const RowPlan& before, const RowPlan& now, std::int64_t step) {
  const RowPosition old_position = position_after(before, step), new_position = position_after(now, step);
  const std::vector<bool> old_met = met_in_epoch(before, old_position),
                          new_met = met_in_epoch(now, new_position);
  MetRows result;
  for (std::size_t row = 0; row < old_met.size(); ++row) {
    const std::int64_t met = old_position.epoch + (old_met[row] ? 1 : 0);
    const std::int64_t planned = new_position.epoch + (new_met[row] ? 1 : 0);
    result.more += std::max<std::int64_t>(0, met - planned);
    result.less += std::max<std::int64_t>(0, planned - met);
  }
  return result;
}

}  // namespace sift
