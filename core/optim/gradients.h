#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/weights/parameter.h"

namespace sift {

/// Whether transformers excludes this parameter from weight decay: biases and all parameters of a norm.
bool is_without_decay(const std::string& parameter_name);

/// ||g|| over all gradients: the norm of the per-parameter norms, as torch.nn.utils.clip_grad_norm_ computes
/// it. 0-d.
at::Tensor grad_norm(const std::vector<Parameter>& parameters);

/// The clipping factor of clip_grad_norm_: min(1, max_norm / (norm + 1e-6)), or 1 if max_norm is 0 (no
/// clipping). 0-d, on the device of the norm.
at::Tensor clip_coefficient(const at::Tensor& norm, double max_norm);

/// AdamW with transformers' two parameter groups: with weight decay, then without.
class AdamW {
 public:
  /// Defaults are those of transformers.
  struct Options {
    double weight_decay = 0.0;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
  };
  struct Slot {
    Parameter parameter;
    at::Tensor exp_avg, exp_avg_sq;
    at::Tensor step;  ///< 0-d float32, finished steps of this parameter
  };
  struct Group {
    double weight_decay = 0.0;
    std::vector<Slot> slots;
  };

  AdamW(const std::vector<Parameter>& parameters, const Options& options);

  /// Multiplies the gradients by `grad_scale`; may change them in place.
  void step(double learning_rate, const at::Tensor& grad_scale);
  void zero_grad();

  /// The current state, for saving: copied to host memory, or shared with this optimizer.
  AdamW snapshot(bool copies) const;

  /// All parameters in torch's numbering: the first group, then the second. The tensors are shared with the
  /// optimizer.
  const std::vector<Group>& groups() const { return groups_; }
  at::Device device() const { return device_; }  ///< of its state
  double beta1() const { return beta1_; }
  double beta2() const { return beta2_; }
  double epsilon() const { return epsilon_; }

  /// exp_avg.NAME, exp_avg_sq.NAME and step.NAME of each parameter. The tensors are shared with the
  /// optimizer.
  std::vector<std::pair<std::string, at::Tensor>> state() const;

 private:
  void step_group(Group& group, double learning_rate, const at::Tensor& grad_scale);

  std::vector<Group> groups_;
  at::Device device_;
  double beta1_, beta2_, epsilon_;
};

}  // namespace sift
