#pragma once

#include <torch/csrc/autograd/saved_variable.h>

#include <memory>
#include <vector>

#include <sift/memory.h>
#include "saved_mode.h"

/// One run of a layer that saves its input instead of the tensors that its operations save. When backward
/// needs the first of these tensors, the layer is recomputed and all of them are restored; each is released
/// as soon as the backward of its operation has finished.
///
/// The graph is the same as without checkpointing: backward runs the same operations in the same order.
class LayerRun final : public sift::SavedTensorHook, public std::enable_shared_from_this<LayerRun> {
 public:
  /// `selective`: the parts that the layer marks with keep_output() are not recomputed; their results are
  /// kept.
  LayerRun(const sift::Layer& layer, const at::Tensor& hidden_nh, bool selective);

  std::unique_ptr<sift::PackedTensor> pack(const at::Tensor& tensor) override;
  at::Tensor keep_output(at::TensorList inputs, const std::function<at::Tensor()>& compute) override;

  /// The saved tensor of a slot, for its placeholder in the graph.
  at::Tensor saved(std::size_t slot);
  void release(std::size_t slot) { slots_[slot] = {at::Tensor(), false}; }

 private:
  class Placeholder;
  class Again;

  struct Slot {
    at::Tensor tensor;      ///< undefined until the layer has been recomputed
    bool is_needed = true;  ///< whether an operation still waits for it
  };
  /// A saved tensor that is a view of an input of a kept part.
  struct InputView {
    std::size_t slot;
    std::size_t input;
    std::vector<std::int64_t> sizes, strides;
    std::int64_t offset;
  };
  /// A part of the layer whose result is kept.
  struct KeptPart {
    torch::autograd::SavedVariable output;
    bool requires_grad = false;
    std::vector<InputView> input_views;
  };

  std::unique_ptr<sift::PackedTensor> placeholder();
  std::unique_ptr<sift::PackedTensor> pack_in_kept_part(const at::Tensor& tensor);
  void run_again();

  sift::Layer layer_;
  bool selective_;
  bool input_requires_grad_;
  torch::autograd::SavedVariable input_nh_;
  SavedMode mode_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> plain_slots_;  ///< of tensors saved outside the kept parts, in order
  std::vector<KeptPart> kept_parts_;
  at::TensorList part_inputs_;  ///< of the kept part that is running
  bool in_kept_part_ = false;
};
