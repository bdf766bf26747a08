#include "parallel/sharded.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/zeros.h>

#include <utility>

#include "device/host_copy.h"
#include "parallel/division.h"

namespace sift {

void Sharded::adopt(const std::vector<Parameter>& parameters) {
  if (stage_ != Stage::kParameters) return;
  layers_ = std::make_unique<LayerWeights>(group(), parameters);
  const std::int64_t last = layers_->num_layers() - 1;
  layer_passes_ = std::make_unique<LayerPasses>(*layers_, parameters, [this, last](std::int64_t layer) {
    buckets_->reduce_group(static_cast<std::size_t>(last - layer));
  });
}

std::vector<Parameter> Sharded::updated(const std::vector<Parameter>& trainable) {
  if (weights_) return slices_;
  std::vector<Parameter> always_whole;
  for (const Parameter& parameter : trainable) {
    at::Tensor slice = layers_ ? layers_->slice(parameter.name) : at::Tensor();
    if (!slice.defined()) {
      slice = slice_of(parameter.tensor, size(), rank());
      always_whole.push_back(parameter);
    }
    slices_.push_back({parameter.name, slice});
    const Division division{parameter.tensor.numel(), size()};
    places_[parameter.name] = {parameter.tensor.sizes().vec(), division.begin(rank())};
  }
  buckets_ = std::make_unique<GradientBuckets>(group(), trainable, options_, slices_);
  if (layers_) group_by_layer(trainable);
  weights_ = std::make_unique<WeightGather>(group(), always_whole, options_.bucket_bytes);
  return slices_;
}

/// The last layer first, as backward has them.
void Sharded::group_by_layer(const std::vector<Parameter>& trainable) {
  const std::int64_t last = layers_->num_layers() - 1;
  std::vector<std::vector<std::size_t>> groups(static_cast<std::size_t>(last + 1));
  for (std::size_t i = 0; i < trainable.size(); ++i)
    if (const auto layer = layer_of(trainable[i].name))
      groups[static_cast<std::size_t>(last - *layer)].push_back(i);
  buckets_->set_groups(std::move(groups));
}

/// The number of passes of the process that makes the most.
std::int64_t Sharded::most(std::int64_t passes) {
  return group().gathered(at::full({1}, passes, at::kLong)).max().item<std::int64_t>();
}

void Sharded::begin_update(const std::vector<Parameter>& trainable, std::int64_t num_passes) {
  updated(trainable);
  passes_left_ = stage_ == Stage::kOptimizer ? num_passes : most(num_passes);
  if (layers_) layers_->release_all();
}

void Sharded::begin_pass() {
  if (stage_ != Stage::kOptimizer) return begin_next_pass();
  if (--passes_left_ == 0) buckets_->begin_backward();
}

/// All passes are reduced: what the one before has left comes first.
void Sharded::begin_next_pass() {
  if (is_in_pass_) {
    end_pass();
    buckets_->reduce();
  }
  is_in_pass_ = true;
  --passes_left_;
  buckets_->begin_backward();
}

void Sharded::end_pass() {
  if (layer_passes_) layer_passes_->finish_backward();
}

void Sharded::reduce_gradients() {
  // other processes have more passes, in which this one takes part with zero
  while (stage_ != Stage::kOptimizer && passes_left_ > 0) {
    begin_next_pass();
    if (layer_passes_) layer_passes_->skip(true);
  }
  end_pass();
  buckets_->finish();
  is_in_pass_ = false;
}

void Sharded::finish_update() {
  weights_->run();
  if (layers_) layers_->release_all();  // those that a callback has asked for before the update
}

void Sharded::begin_evaluation(std::int64_t num_passes) {
  if (!layers_) return;
  layers_->release_all();
  passes_left_ = most(num_passes) - num_passes;
}

void Sharded::end_evaluation() {
  for (; layers_ && passes_left_ > 0; --passes_left_) layer_passes_->skip(false);
}

at::Tensor Sharded::run_layer(const Layer& layer, const at::Tensor& hidden_nh) {
  return layer_passes_ ? layer_passes_->run(layer, hidden_nh) : layer.forward(hidden_nh);
}

void Sharded::make_whole() {
  if (!layers_) return;
  for (std::int64_t layer = 0; layer < layers_->num_layers(); ++layer) layers_->need(layer);
}

void Sharded::take_whole() {
  if (layers_) layers_->take_whole();
}

at::Tensor Sharded::grad_norm(const std::vector<Parameter>&) {
  at::Tensor squares = at::zeros({1}, at::kDouble);
  for (const Parameter& slice : slices_) {
    const at::Tensor& gradient = slice.tensor.grad();
    if (gradient.defined())
      squares += at::linalg_vector_norm(gradient, 2, std::nullopt, false, at::kDouble).square().cpu();
  }
  return group().gathered(squares).sum().sqrt().to(
      slices_.empty() ? at::Device(at::kCPU) : slices_.front().tensor.device(), at::kFloat);
}

OptimizerState Sharded::whole_state(const Optimizer& optimizer) {
  const at::NoGradGuard no_grad;
  OptimizerState state = OptimizerState::of(optimizer);
  state.is_shared = false;
  for (std::size_t g = 0; g < state.groups.size(); ++g) {
    for (std::size_t i = 0; i < state.groups[g].parameters.size(); ++i) {
      const NamedTensor& parameter = optimizer.setup().groups[g].parameters[i];
      for (auto& [name, tensor] : state.groups[g].parameters[i])
        tensor = tensor.sizes() == parameter.tensor.sizes() ? whole(tensor, places_.at(parameter.name))
                                                            : host_copy(tensor);
    }
  }
  return state;
}

/// The tensor of a state whose slice this process has.
at::Tensor Sharded::whole(const at::Tensor& own, const ParameterSlice& place) {
  const std::int64_t numel = c10::multiply_integers(place.shape);
  const std::int64_t chunk = Division{numel, size()}.chunk();
  const at::Tensor part = at::zeros({chunk}, at::TensorOptions().dtype(own.scalar_type()));
  part.narrow(0, 0, own.numel()).copy_(own);
  at::Tensor rows = at::empty({is_main() ? size() * chunk : 0}, part.options());
  group().gather(rows, part, 0).wait();
  if (!is_main()) return {};
  const at::Tensor values = rows.narrow(0, 0, numel);
  // a file gets the whole storage of a tensor
  return (rows.numel() == numel ? values : values.clone()).view(place.shape);
}

}  // namespace sift
