#include "layer_run.h"

#include <c10/core/GradMode.h>

#include <string>
#include <utility>

#include <sift/error.h>

using sift::PackedTensor;
using torch::autograd::SavedVariable;

/// A placeholder in the graph for a tensor that will be recomputed.
class LayerRun::Placeholder final : public PackedTensor {
 public:
  Placeholder(std::shared_ptr<LayerRun> run, std::size_t slot) : run_(std::move(run)), slot_(slot) {}
  ~Placeholder() override { run_->release(slot_); }
  Placeholder(const Placeholder&) = delete;
  Placeholder& operator=(const Placeholder&) = delete;
  at::Tensor unpack() override { return run_->saved(slot_); }

 private:
  std::shared_ptr<LayerRun> run_;
  std::size_t slot_;
};

/// The recomputation: collects the tensors that the operations save, in the same order, and stops when it has
/// all of them.
class LayerRun::Again final : public sift::SavedTensorHook {
 public:
  explicit Again(LayerRun& run) : run_(run), slots_(run.slots_.size()) {}

  std::unique_ptr<PackedTensor> pack(const at::Tensor& tensor) override {
    if (next_slot_ < run_.plain_slots_.size()) slots_[run_.plain_slots_[next_slot_]] = tensor.detach();
    ++next_slot_;
    if (is_complete()) throw sift::StopComputation{};
    return std::make_unique<Unused>();
  }

  at::Tensor keep_output(at::TensorList inputs, const std::function<at::Tensor()>& compute) override {
    if (!run_.selective_ || next_part_ >= run_.kept_parts_.size()) return compute();
    const KeptPart& part = run_.kept_parts_[next_part_++];
    for (const InputView& view : part.input_views) {
      const at::NoGradGuard no_grad;
      slots_[view.slot] = inputs[view.input].detach().as_strided(view.sizes, view.strides, view.offset);
    }
    return part.output.unpack().detach().requires_grad_(part.requires_grad);
  }

  bool is_complete() const {
    return next_slot_ == run_.plain_slots_.size() && next_part_ == run_.kept_parts_.size();
  }
  std::vector<at::Tensor> take() { return std::move(slots_); }

 private:
  /// Backward never runs on the graph of the recomputation.
  class Unused final : public PackedTensor {
    at::Tensor unpack() override { throw sift::Error("the recomputation of a layer has no backward pass"); }
  };

  LayerRun& run_;
  std::vector<at::Tensor> slots_;
  std::size_t next_slot_ = 0;
  std::size_t next_part_ = 0;
};

// The input is saved like the input of any operation, so an outer strategy can offload it.
LayerRun::LayerRun(const sift::Layer& layer, const at::Tensor& hidden_nh, bool selective)
    : layer_(layer),
      selective_(selective),
      input_requires_grad_(hidden_nh.requires_grad()),
      input_nh_(hidden_nh.detach(), false),
      mode_(hidden_nh.device()) {}

std::unique_ptr<PackedTensor> LayerRun::placeholder() {
  slots_.emplace_back();
  return std::make_unique<Placeholder>(shared_from_this(), slots_.size() - 1);
}

std::unique_ptr<PackedTensor> LayerRun::pack(const at::Tensor& tensor) {
  if (in_kept_part_) return pack_in_kept_part(tensor);
  plain_slots_.push_back(slots_.size());
  return placeholder();
}

/// The inputs of a kept part are recomputed; the tensors that it creates itself are kept.
std::unique_ptr<PackedTensor> LayerRun::pack_in_kept_part(const at::Tensor& tensor) {
  if (!tensor.has_storage()) return nullptr;
  for (std::size_t i = 0; i < part_inputs_.size(); ++i) {
    const at::Tensor& input = part_inputs_[i];
    if (!input.is_alias_of(tensor) || input.scalar_type() != tensor.scalar_type()) continue;
    kept_parts_.back().input_views.push_back(
        {slots_.size(), i, tensor.sizes().vec(), tensor.strides().vec(), tensor.storage_offset()});
    return placeholder();
  }
  return nullptr;
}

at::Tensor LayerRun::keep_output(at::TensorList inputs, const std::function<at::Tensor()>& compute) {
  if (!selective_ || in_kept_part_) return compute();
  struct Leave {
    LayerRun& run;
    ~Leave() {
      run.in_kept_part_ = false;
      run.part_inputs_ = {};
    }
  };
  kept_parts_.emplace_back();
  at::Tensor output;
  {
    const Leave leave{*this};
    in_kept_part_ = true;
    part_inputs_ = inputs;
    output = compute();
    // saved inside the part, so that it is handled together with the tensors that the part itself saves
    part_inputs_ = {};
    kept_parts_.back().output = SavedVariable(output.detach(), false);
  }
  kept_parts_.back().requires_grad = output.requires_grad();
  return output;
}

at::Tensor LayerRun::saved(std::size_t slot) {
  if (!slots_[slot].tensor.defined()) run_again();
  return slots_[slot].tensor;
}

void LayerRun::run_again() {
  const auto again = std::make_shared<Again>(*this);
  const at::Tensor input_nh = input_nh_.unpack().detach().requires_grad_(input_requires_grad_);
  try {
    const SavedMode::Scope mode(mode_);
    const sift::SavedTensorScope scope(again);
    layer_.forward(input_nh);
  } catch (const sift::StopComputation&) {
    if (!again->is_complete()) throw;  // thrown by an outer hook
  }
  if (!again->is_complete()) {
    throw sift::Error("layer " + std::to_string(layer_.index) +
                      " saved fewer tensors for backward in its recomputation than in its first run; a layer "
                      "must do the same both times to be used with gradient_checkpointing");
  }
  std::vector<at::Tensor> tensors = again->take();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (slots_[i].is_needed) slots_[i].tensor = std::move(tensors[i]);
  }
}
