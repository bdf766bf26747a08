#include "data/update_batches.h"

#include <algorithm>

#include "data/collate.h"

namespace sift {

UpdateBatches update_batches(const TokenDataset& dataset, std::span<const std::int64_t> order,
                             const UpdatePlan& plan, std::int64_t update, at::Device device) {
  UpdateBatches result;
  const std::int64_t first = update * plan.accumulation;
  result.end_of_batches = std::min(first + plan.accumulation, plan.batches_per_epoch);
  for (std::int64_t index = first; index < result.end_of_batches; ++index) {
    result.micro_batches.push_back(collate(dataset, batch_rows(order, index, plan.batch_size), device));
    result.num_scored += result.micro_batches.back().num_scored();
  }
  return result;
}

}  // namespace sift
