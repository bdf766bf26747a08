#include "data/sampler.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/randperm.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/numpy_random.h"

namespace sift {

RowOrder epoch_order(std::int64_t num_rows, std::int64_t seed, std::int64_t epoch, const Spill& spill) {
  RowOrder order(spill);
  const auto rows = order.extend(static_cast<std::size_t>(num_rows));
  at::Tensor order_n = at::from_blob(rows.data(), {num_rows}, at::TensorOptions().dtype(at::kLong));
  at::randperm_out(order_n, num_rows,
                   at::detail::createCPUGenerator(static_cast<std::uint64_t>(seed + epoch)));
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

StepPlan StepPlan::make(std::int64_t num_rows, std::int64_t batch_size, std::int64_t accumulation,
                        double num_train_epochs, std::int64_t max_steps) {
  StepPlan plan;
  plan.batches_per_epoch = (num_rows + batch_size - 1) / batch_size;
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
