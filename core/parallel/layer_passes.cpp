#include "parallel/layer_passes.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <utility>

namespace sift {
namespace {

/// The first layer in which a gradient is needed.
std::int64_t first_trained(const std::vector<Parameter>& parameters, std::int64_t num_layers) {
  std::int64_t first = num_layers;
  for (const Parameter& parameter : parameters) {
    if (!parameter.trained) continue;
    if (parameter.name.find("embed_tokens") != std::string::npos) return 0;
    if (const auto layer = layer_of(parameter.name)) first = std::min(first, *layer);
  }
  return first;
}

}  // namespace

LayerPasses::LayerPasses(LayerWeights& weights, const std::vector<Parameter>& parameters,
                         std::function<void(std::int64_t)> end_backward)
    : weights_(weights),
      end_backward_(std::move(end_backward)),
      first_with_backward_(first_trained(parameters, weights.num_layers())),
      ended_(weights.num_layers() + 1) {}

void LayerPasses::begin() {
  weights_.prefetch(weights_.num_layers());
  weights_.prefetch(0);
  weights_.need(weights_.num_layers());
}

void LayerPasses::begin_forward(std::int64_t layer) {
  weights_.need(layer);
  weights_.prefetch(layer + 1);
}

/// Backward begins with the last layer, which therefore stays.
void LayerPasses::end_forward(std::int64_t layer, bool has_backward) {
  if (!has_backward || !is_last(layer)) weights_.release(layer);
}

/// The gradients of what follows the last layer are complete before that of its output.
void LayerPasses::begin_backward(std::int64_t layer) {
  if (is_last(layer)) end_backward(layer + 1);
  weights_.need(layer);
  if (layer > first_with_backward_) weights_.prefetch(layer - 1);
}

void LayerPasses::end_backward(std::int64_t layer) {
  weights_.release(layer);
  while (ended_ > layer) end_backward_(--ended_);
}

at::Tensor LayerPasses::run(const Layer& layer, const at::Tensor& hidden_nh) {
  const std::int64_t index = layer.index;
  begin_forward(index);
  const bool has_backward = at::GradMode::is_enabled();
  if (has_backward && hidden_nh.requires_grad()) {
    // the gradient of what enters a layer is its last one, and the first of the layer before
    hidden_nh.register_hook([this, index](const at::Tensor&) {
      end_backward(index);
      if (index > first_with_backward_) begin_backward(index - 1);
    });
  }
  at::Tensor output_nh = layer.forward(hidden_nh);
  end_forward(index, has_backward && output_nh.requires_grad());
  if (has_backward && is_last(index) && output_nh.requires_grad())
    output_nh.register_hook([this, index](const at::Tensor&) { begin_backward(index); });
  return output_nh;
}

void LayerPasses::finish() {
  while (ended_ > 0) end_backward(ended_ - 1);
  ended_ = weights_.num_layers() + 1;
}

void LayerPasses::skip(bool has_backward) {
  const std::int64_t count = weights_.num_layers();
  const bool goes_back = has_backward && first_with_backward_ < count;
  for (std::int64_t layer = 0; layer < count; ++layer) {
    begin_forward(layer);
    end_forward(layer, goes_back);
  }
  if (!goes_back) return;
  for (std::int64_t layer = count - 1; layer >= first_with_backward_; --layer) {
    begin_backward(layer);
    end_backward(layer);
  }
}

}  // namespace sift
