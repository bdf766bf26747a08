#include "data/update_batches.h"

#include <algorithm>

#include "data/collate.h"

namespace sift {
namespace {

std::vector<std::int64_t> balanced(const TokenDataset& dataset, std::span<const std::int64_t> rows,
                                   std::int64_t batch_size, const RowShare& share) {
  std::vector<std::int64_t> longest_first(rows.begin(), rows.end());
  const auto length = [&](std::int64_t row) { return dataset.input_ids(row).size(); };
  std::ranges::stable_sort(longest_first, std::ranges::greater(), length);
  std::vector<std::vector<std::int64_t>> shares(static_cast<std::size_t>(share.size));
  std::vector<std::size_t> tokens(shares.size());
  for (const std::int64_t row : longest_first) {
    std::size_t least = shares.size();
    for (std::size_t rank = 0; rank < shares.size(); ++rank) {
      if (static_cast<std::int64_t>(shares[rank].size()) == batch_size) continue;
      if (least == shares.size() || tokens[rank] < tokens[least]) least = rank;
    }
    shares[least].push_back(row);
    tokens[least] += length(row);
  }
  return shares[static_cast<std::size_t>(share.rank)];
}

}  // namespace

std::vector<std::int64_t> rows_of_round(const TokenDataset& dataset, std::span<const std::int64_t> order,
                                        std::int64_t round, std::int64_t batch_size, const RowShare& share) {
  const auto rows = batch_rows(order, round, batch_size * share.size);
  if (share.balance_tokens) return balanced(dataset, rows, batch_size, share);
  const auto begin = std::min(rows.size(), static_cast<std::size_t>(share.rank * batch_size));
  const auto own = rows.subspan(begin, std::min(rows.size() - begin, static_cast<std::size_t>(batch_size)));
  return {own.begin(), own.end()};
}

std::int64_t ranks_kept_at_end(std::int64_t num_rows, std::int64_t batch_size, std::int64_t processes) {
  const std::int64_t left_over = num_rows % (batch_size * processes);
  return left_over == 0 ? processes : std::min(left_over, processes);
}

UpdateBatches update_batches(const TokenDataset& dataset, std::span<const std::int64_t> order,
                             const UpdatePlan& plan, std::int64_t update, at::Device device) {
  UpdateBatches result;
  const std::int64_t first = update * plan.accumulation;
  result.end_of_batches = std::min(first + plan.accumulation, plan.batches_per_epoch);
  result.rounds = result.end_of_batches - first;
  const bool is_end = result.end_of_batches == plan.batches_per_epoch;
  result.counted_ranks = is_end ? plan.ranks_counted_at_end : plan.share.size;
  for (std::int64_t round = first; round < result.end_of_batches; ++round) {
    const auto rows = rows_of_round(dataset, order, round, plan.batch_size, plan.share);
    if (rows.empty()) continue;
    result.micro_batches.push_back(collate(dataset, rows, device));
    result.num_scored += result.micro_batches.back().num_scored();
  }
  return result;
}

}  // namespace sift
