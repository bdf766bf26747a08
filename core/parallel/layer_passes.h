#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include <sift/memory.h>
#include "model/weights/parameter.h"
#include "parallel/layer_weights.h"

namespace sift {

/// Runs the layers of a model while their weights are there: gathers them one layer ahead, empties them after
/// the layer, and does both again in backward (ZeRO 3, arXiv 1910.02054; PyTorch's FSDP2). The weights of no
/// layer are there from begin() until backward reaches the last layer.
///
/// What is communicated does not depend on the rows, so that a process without rows can take part.
class LayerPasses {
 public:
  /// `end_backward(layer)` is called once in each backward pass for each layer as soon as its gradients are
  /// complete, the last one first; before it, with the number of layers, for the last norm and the head.
  /// `weights` outlives this, and this outlives every backward pass.
  LayerPasses(LayerWeights& weights, const std::vector<Parameter>& parameters,
              std::function<void(std::int64_t)> end_backward);

  /// Before each forward pass, or several without backward.
  void begin();
  at::Tensor run(const Layer& layer, const at::Tensor& hidden_nh);
  /// After each backward pass.
  void finish();
  /// Takes part in a pass of other processes.
  void skip(bool has_backward);

 private:
  bool is_last(std::int64_t layer) const { return layer + 1 == weights_.num_layers(); }
  void begin_forward(std::int64_t layer);
  void end_forward(std::int64_t layer, bool has_backward);
  void begin_backward(std::int64_t layer);
  void end_backward(std::int64_t layer);

  LayerWeights& weights_;
  std::function<void(std::int64_t)> end_backward_;
  std::int64_t first_with_backward_ = 0;  ///< layer: those before it depend on nothing that is trained
  std::int64_t ended_;                    ///< layers from this one on have ended the backward pass
};

}  // namespace sift
