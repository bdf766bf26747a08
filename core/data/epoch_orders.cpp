#include "data/epoch_orders.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/empty.h>

#include <mutex>
#include <utility>

#include "data/sampler.h"

namespace sift {
namespace {

/// torch.utils.data.DataLoader draws a seed for its workers each time that it is iterated over.
void draw_seed_of_loader(at::Generator& generator) {
  at::empty({}, at::TensorOptions().dtype(at::kLong)).random_(generator);
}

at::Tensor state_of(at::Generator generator) {
  const std::scoped_lock lock(generator.mutex());
  return generator.get_state();
}

void set_state(at::Generator& generator, const at::Tensor& state) {
  const std::scoped_lock lock(generator.mutex());
  generator.set_state(state);
}

const at::Tensor* find_state(const std::vector<NamedTensor>& states, const char* name) {
  for (const NamedTensor& state : states) {
    if (state.name == name) return &state.tensor;
  }
  return nullptr;
}

}  // namespace

EpochOrders::EpochOrders(const TokenDataset& dataset, Options options)
    : dataset_(dataset),
      options_(std::move(options)),
      generator_(at::detail::createCPUGenerator(static_cast<std::uint64_t>(options_.seed))),
      before_epoch_(state_of(generator_)) {}

RowOrder EpochOrders::begin(std::int64_t epoch) {
  const std::int64_t num_rows = dataset_.num_rows();
  if (options_.strategy == "sequential") return sequential_order(num_rows, options_.spill);
  if (!draws()) return epoch_order(num_rows, options_.order_seed, epoch, options_.spill);
  at::Generator generator = generator_;
  if (std::exchange(is_within_epoch_, false)) {
    generator = generator_.clone();
    set_state(generator, before_epoch_);
  } else {
    before_epoch_ = state_of(generator_);
  }
  draw_seed_of_loader(generator);
  return length_grouped_order(dataset_, options_.rows_per_update, generator, options_.spill);
}

void EpochOrders::count_evaluation() {
  if (draws()) draw_seed_of_loader(generator_);
}

std::vector<NamedTensor> EpochOrders::states() const {
  if (!draws()) return {};
  return {{kEpochOrderState, before_epoch_}, {kNextOrderState, state_of(generator_)}};
}

void EpochOrders::restore(const std::vector<NamedTensor>& states, bool is_within_epoch) {
  const at::Tensor* before = find_state(states, kEpochOrderState);
  const at::Tensor* now = find_state(states, kNextOrderState);
  if (!draws() || before == nullptr || now == nullptr) return;
  before_epoch_ = *before;
  set_state(generator_, *now);
  is_within_epoch_ = is_within_epoch;
}

}  // namespace sift
