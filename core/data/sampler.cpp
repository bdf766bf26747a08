#include "data/sampler.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/randperm.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "data/numpy_random.h"

namespace sift {

namespace {

/// torch.randperm(num_rows) into `order`, which is empty. Returns its rows.
std::span<std::int64_t> permute(std::int64_t num_rows, at::Generator generator, RowOrder& order) {
  const auto rows = order.extend(static_cast<std::size_t>(num_rows));
  at::Tensor order_n = at::from_blob(rows.data(), {num_rows}, at::TensorOptions().dtype(at::kLong));
  at::randperm_out(order_n, num_rows, std::move(generator));
  return rows;
}

}  // namespace

RowOrder epoch_order(std::int64_t num_rows, std::int64_t seed, std::int64_t epoch, const Spill& spill) {
  RowOrder order(spill);
  permute(num_rows, at::detail::createCPUGenerator(static_cast<std::uint64_t>(seed + epoch)), order);
  order.give_back_pages();
  return order;
}

RowOrder sequential_order(std::int64_t num_rows, const Spill& spill) {
  RowOrder order(spill);
  const auto rows = order.extend(static_cast<std::size_t>(num_rows));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  order.give_back_pages();
  return order;
}

RowOrder length_grouped_order(const TokenDataset& dataset, std::int64_t batch_size, at::Generator generator,
                              const Spill& spill) {
  constexpr std::int64_t kMostBatches = 50, kLeastGroups = 4;
  const std::int64_t num_rows = dataset.num_rows();
  const std::int64_t batches =
      std::clamp<std::int64_t>(num_rows / (batch_size * kLeastGroups), 1, kMostBatches);
  const auto group_size = static_cast<std::size_t>(batches * batch_size);
  const auto length = [&](std::int64_t row) { return dataset.input_ids(row).size(); };
  RowOrder order(spill);
  const auto rows = permute(num_rows, std::move(generator), order);
  std::size_t longest = 0;
  for (std::size_t begin = 0; begin < rows.size(); begin += group_size) {
    std::ranges::stable_sort(rows.subspan(begin, std::min(group_size, rows.size() - begin)),
                             std::ranges::greater(), length);
    if (length(rows[begin]) > length(rows[longest])) longest = begin;
  }
  if (!rows.empty()) std::swap(rows[0], rows[longest]);
  order.give_back_pages();
  return order;
}

RowOrder shuffled_order(std::int64_t num_rows, std::int64_t seed, const Spill& spill) {
  RowOrder order(spill);
  const auto rows = order.extend(static_cast<std::size_t>(num_rows));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  NumpyGenerator(static_cast<std::uint64_t>(seed)).shuffle(rows);
  order.give_back_pages();
  return order;
}

void fill_up(std::int64_t num_rows, RowOrder& order) {
  const auto wanted = static_cast<std::size_t>(num_rows);
  const std::size_t before = order.view().size(), beginning = std::min(before, wanted);
  const std::size_t missing = (wanted - before % wanted) % wanted;
  const auto added = order.extend(missing);
  for (std::size_t i = 0; i < missing; ++i) added[i] = order.view()[i % beginning];
  order.give_back_pages();
}

std::int64_t num_batches(std::int64_t num_rows, std::int64_t batch_size, bool drop_last) {
  return drop_last ? num_rows / batch_size : (num_rows + batch_size - 1) / batch_size;
}

StepPlan StepPlan::make(std::int64_t num_rows, std::int64_t batch_size, std::int64_t accumulation,
                        double num_train_epochs, std::int64_t max_steps, bool drop_last) {
  StepPlan plan;
  plan.batches_per_epoch = num_batches(num_rows, batch_size, drop_last);
  plan.updates_per_epoch =
      std::max<std::int64_t>(1, (plan.batches_per_epoch + accumulation - 1) / accumulation);
  if (max_steps > 0) {
    plan.max_steps = max_steps;
    plan.num_epochs = (max_steps + plan.updates_per_epoch - 1) / plan.updates_per_epoch;
  } else {
    plan.max_steps =
        static_cast<std::int64_t>(std::ceil(num_train_epochs * static_cast<double>(plan.updates_per_epoch)));
    plan.num_epochs = static_cast<std::int64_t>(std::ceil(num_train_epochs));
  }
  return plan;
}

std::span<const std::int64_t> batch_rows(std::span<const std::int64_t> order, std::int64_t index,
                                         std::int64_t batch_size) {
  const auto begin = static_cast<std::size_t>(index * batch_size);
  return order.subspan(begin, std::min(static_cast<std::size_t>(batch_size), order.size() - begin));
}

}  // namespace sift
