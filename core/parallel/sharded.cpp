#include "parallel/sharded.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "device/host_copy.h"
#include "parallel/division.h"

namespace sift {

namespace {

/// Every process calls it.
ProcessMesh mesh_of(ParallelSession& session, std::int64_t num_replicas) {
  ProcessGroup& all = session.group();
  if (num_replicas == 1) return {all};
  const std::int64_t row_size = all.size() / num_replicas;
  const std::int64_t row = all.rank() / row_size, column = all.rank() % row_size;
  std::vector<std::int64_t> shards, replicas;
  for (std::int64_t i = 0; i < row_size; ++i) shards.push_back(row * row_size + i);
  for (std::int64_t i = 0; i < num_replicas; ++i) replicas.push_back(i * row_size + column);
  std::shared_ptr<ProcessGroup> row_group = session.connect(fmt::format("shards {}", row), shards);
  return {all, std::move(row_group), session.connect(fmt::format("replicas {}", column), replicas)};
}

}  // namespace

Sharded::Sharded(ParallelSession& session, const GradientBuckets::Options& options, Stage stage,
                 std::int64_t num_replicas)
    : SessionProcesses(session), mesh_(mesh_of(session, num_replicas)), options_(options), stage_(stage) {}

void Sharded::adopt(const Parameter& parameter) {
  if (stage_ != Stage::kParameters) return;
  if (!layers_) layers_ = std::make_unique<LayerWeights>(shards());
  layers_->add(parameter);
}

void Sharded::start(const std::vector<Parameter>& parameters) {
  if (!layers_) return;
  layer_passes_ = std::make_unique<LayerPasses>(*layers_, parameters, [this](std::int64_t layer) {
    if (buckets_) buckets_->reduce_group(static_cast<std::size_t>(layers_->num_layers() - layer));
  });
}

std::vector<Parameter> Sharded::updated(const std::vector<Parameter>& trainable) {
  if (weights_) return slices_;
  std::vector<Parameter> always_whole;
  for (const Parameter& parameter : trainable) {
    at::Tensor slice = layers_ ? layers_->slice(parameter.name) : at::Tensor();
    if (!slice.defined()) {
      slice = slice_of(parameter.tensor, shards().size(), shards().rank());
      always_whole.push_back(parameter);
    }
    slices_.push_back({parameter.name, slice});
    const Division division{parameter.tensor.numel(), shards().size()};
    places_[parameter.name] = {parameter.tensor.sizes().vec(), division.begin(shards().rank())};
  }
  buckets_ = std::make_unique<GradientBuckets>(mesh_, trainable, options_, slices_);
  if (layers_) group_by_layer(trainable);
  weights_ = std::make_unique<WeightGather>(shards(), always_whole, options_.bucket_bytes);
  return slices_;
}

/// As backward has them: the last norm and the head, then the layers, the last one first. The embedding,
/// which may be the head, too, is in no group.
void Sharded::group_by_layer(const std::vector<Parameter>& trainable) {
  const std::int64_t count = layers_->num_layers();
  std::vector<std::vector<std::size_t>> groups(static_cast<std::size_t>(count) + 1);
  for (std::size_t i = 0; i < trainable.size(); ++i) {
    const std::optional<std::int64_t> layer = layer_of(trainable[i].name);
    if (layer || trainable[i].name.find("embed_tokens") == std::string::npos)
      groups[static_cast<std::size_t>(count - layer.value_or(count))].push_back(i);
  }
  buckets_->set_groups(std::move(groups));
}

/// The number of passes of the process that makes the most: of a row, whose processes share the work of each
/// pass.
std::int64_t Sharded::most(std::int64_t passes) {
  return shards().gathered(at::full({1}, passes, at::kLong)).max().item<std::int64_t>();
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
  if (layer_passes_) layer_passes_->begin();
  buckets_->begin_backward();
}

void Sharded::end_pass() {
  if (layer_passes_) layer_passes_->finish();
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
  layer_passes_->begin();
}

void Sharded::end_evaluation() {
  if (!layers_) return;
  for (; passes_left_ > 0; --passes_left_) layer_passes_->skip(false);
  layers_->release_all();
}

at::Tensor Sharded::run_layer(const Layer& layer, const at::Tensor& hidden_nh) {
  return layer_passes_ ? layer_passes_->run(layer, hidden_nh) : layer.forward(hidden_nh);
}

void Sharded::make_whole() {
  if (layers_) layers_->need_all();
}

void Sharded::set_values(const Parameter& parameter, const at::Tensor& values) {
  const at::NoGradGuard no_grad;
  const at::Tensor slice = layers_ ? layers_->slice(parameter.name) : at::Tensor();
  if (slice.defined()) slice.copy_(slice_of(values, shards().size(), shards().rank()));
  const bool is_there = parameter.tensor.storage().nbytes() > 0;
  if (is_there) Parallel::set_values(parameter, values);
}

at::Tensor Sharded::grad_norm(const std::vector<Parameter>&) {
  at::Tensor squares = at::zeros({1}, at::kDouble);
  for (const Parameter& slice : slices_) {
    const at::Tensor& gradient = slice.tensor.grad();
    if (gradient.defined())
      squares += at::linalg_vector_norm(gradient, 2, std::nullopt, false, at::kDouble).square().cpu();
  }
  return shards().gathered(squares).sum().sqrt().to(
      slices_.empty() ? at::Device(at::kCPU) : slices_.front().tensor.device(), at::kFloat);
}

at::Tensor Sharded::whole_on(std::int64_t root, const Parameter& parameter) {
  const at::Tensor slice = layers_ ? layers_->slice(parameter.name) : at::Tensor();
  const bool is_whole = !slice.defined() || parameter.tensor.storage().nbytes() > 0;
  return is_whole ? parameter.tensor.detach() : gathered(root, slice, parameter.tensor.sizes());
}

at::Tensor Sharded::whole_on(std::int64_t root, const std::string& parameter, const at::Tensor& state) {
  const auto slice = std::ranges::find(slices_, parameter, &Parameter::name);
  const bool is_divided = slice != slices_.end() && state.sizes() == slice->tensor.sizes();
  return is_divided ? gathered(root, state, places_.at(parameter).shape) : state;
}

OptimizerState Sharded::whole_state(const Optimizer& optimizer) {
  const at::NoGradGuard no_grad;
  OptimizerState state = OptimizerState::of(optimizer);
  state.is_shared = false;
  for (std::size_t g = 0; g < state.groups.size(); ++g) {
    for (std::size_t i = 0; i < state.groups[g].parameters.size(); ++i) {
      const NamedTensor& parameter = optimizer.setup().groups[g].parameters[i];
      for (auto& [name, tensor] : state.groups[g].parameters[i]) {
        const at::Tensor whole = whole_on(0, parameter.name, tensor);
        tensor = whole.is_same(tensor) ? host_copy(tensor) : whole;
      }
    }
  }
  return state;
}

/// The tensor [shape] of which this process has a slice, on process `root`. Those of another row have nothing
/// to do with it.
at::Tensor Sharded::gathered(std::int64_t root, const at::Tensor& own, at::IntArrayRef shape) {
  const at::NoGradGuard no_grad;
  const std::int64_t count = shards().size();
  if (root / count != rank() / count) return {};
  const std::int64_t numel = c10::multiply_integers(shape);
  const std::int64_t chunk = Division{numel, count}.chunk();
  const at::Tensor part = at::zeros({chunk}, at::TensorOptions().dtype(own.scalar_type()));
  part.narrow(0, 0, own.numel()).copy_(own);
  at::Tensor rows = at::empty({rank() == root ? count * chunk : 0}, part.options());
  shards().gather(rows, part, root % count).wait();
  if (rank() != root) return {};
  const at::Tensor values = rows.narrow(0, 0, numel);
  // a file gets the whole storage of a tensor
  return (rows.numel() == numel ? values : values.clone()).view(shape);
}

}  // namespace sift
