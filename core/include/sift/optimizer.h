#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <sift/export.h>
#include <sift/stateful.h>
#include <sift/tensors.h>

namespace sift {

/// Trained parameters with the same weight decay. Each tensor is the weight itself, and tensor.grad() its
/// gradient, which is undefined if the step gave it none: such a parameter is not updated.
struct ParameterGroup {
  double weight_decay = 0.0;
  std::vector<NamedTensor> parameters;
};

/// The arguments that every optimizer gets: the parameters and the options of [train] that TRL's optimizers
/// share.
struct OptimizerSetup {
  /// As in transformers: parameters with weight decay, then norms and biases, without. A group may be empty.
  std::vector<ParameterGroup> groups;
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.999;
  double adam_epsilon = 1e-8;
  /// warmup_steps as a number of steps, for an optimizer with a warm-up of its own.
  std::int64_t num_warmup_steps = 0;
  /// For random numbers, which must depend on nothing else but the saved state.
  std::int64_t seed = 0;
};

/// The arguments of one update.
struct OptimizerStep {
  double learning_rate = 0.0;
  /// 0-d, on the device of the weights: multiply each gradient by it (clipping).
  at::Tensor grad_scale;
  /// Float32, 0-d, on the device of the weights: 1 if the gradients are not finite, and the update must leave
  /// weights and state unchanged. Undefined if they are known to be finite.
  at::Tensor found_inf;
};

/// A value in the param_groups of torch's state_dict(): None, a boolean, an integer, a number or a tuple of
/// numbers.
using GroupValue = std::variant<std::monostate, bool, std::int64_t, double, std::vector<double>>;

struct GroupOption {
  /// The reaction on resume if the checkpoint has another value: the run's value applies in any case. kState:
  /// the entry is no option but changes with the steps, and load_group() gets the saved value.
  enum class Change { kIgnored, kWarning, kError, kState };
  std::string key;
  GroupValue value;
  Change change = Change::kIgnored;
  /// Options that set it, for the warning, one per number.
  std::vector<std::string> option_names = {};
};

/// Updates the weights from their gradients. Called with autograd off, on the thread of the training loop:
/// begin_step() before the forward passes of an update, step(), end_step(). The state of each parameter is
/// saved in optimizer.pt, in the format of torch.optim.
class SIFT_API Optimizer : public Stateful {
 public:
  ~Optimizer() override;

  /// One update. The gradients may be changed; the loop discards them afterwards. Not called if the gradients
  /// are known not to be finite.
  virtual void step(const OptimizerStep& step) = 0;
  /// Between two updates the weights are those to evaluate and to save. An optimizer that takes gradients at
  /// others puts them in place in begin_step(), and end_step() puts the former back, updated or not.
  virtual void begin_step() {}
  virtual void end_step() {}
  /// The state of a parameter under torch's names ("step", "exp_avg", ...), in their order. The tensors are
  /// shared with the optimizer: a resume copies the saved values into them. A parameter whose "step" is 0 has
  /// not been updated yet and is not saved, as in torch. A 0-d int64 tensor is saved as a plain integer; the
  /// name "a/b" is the entry b of a dictionary a.
  virtual std::vector<NamedTensor> parameter_state(std::size_t group, std::size_t parameter) const = 0;
  /// The entries of the group in torch's state_dict(), without weight_decay, lr, initial_lr and params.
  virtual std::vector<GroupOption> group_options(std::size_t group) const = 0;
  /// Called on resume, after the states of the parameters are restored: the saved entries of kState. An entry
  /// that the checkpoint lacks is missing.
  virtual void load_group(std::size_t /*group*/, const std::vector<GroupOption>& /*saved*/) {}
  /// Whether step() heeds found_inf. If not, the loop reads it from the device in each step.
  virtual bool supports_found_inf() const { return false; }
  /// Whether the update of each number depends on that number of the weight, the gradient and the state
  /// alone. Processes can then share the work ([parallel] strategy): parameters are slices [length] of the
  /// weights, of any length, also 0. Of the state, tensors [length] are slices too, and others equal on all
  /// processes.
  virtual bool is_elementwise() const { return false; }

  const OptimizerSetup& setup() const { return setup_; }

 protected:
  explicit Optimizer(OptimizerSetup setup);

 private:
  OptimizerSetup setup_;
};

}  // namespace sift
