#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include <sift/memory.h>
#include "model/weights/parameter.h"
#include "ops/context_exchange.h"
#include "optim/optimizer_state.h"

namespace sift {

/// The processes of a run, and how they share the work. All communication of the training loop goes through
/// here; every process makes the same calls in the same order.
class Parallel {
 public:
  virtual ~Parallel() = default;
  virtual std::int64_t rank() const = 0;
  virtual std::int64_t size() const = 0;
  /// The process that writes the log and the files.
  bool is_main() const { return rank() == 0; }
  bool is_alone() const { return size() == 1; }
  /// Of the processes of a host one does what they share, as preparing data.
  virtual bool is_first_of_host() const { return true; }

  /// The processes that divide the tokens of this process' micro-batches among them; nullptr: none do.
  virtual ContextExchange* context() const { return nullptr; }
  std::int64_t context_size() const { return context() == nullptr ? 1 : context()->size(); }
  /// The rows are dealt to row_size() ranks: processes that divide micro-batches have the same.
  std::int64_t row_rank() const { return rank() / context_size(); }
  std::int64_t row_size() const { return size() / context_size(); }
  /// Of the processes with the same rows one counts them.
  bool counts_rows() const { return context() == nullptr || context()->rank() == 0; }

  /// The values [N] of all processes by rank, [size, N], on the device of `values_n`.
  virtual at::Tensor gathered(const at::Tensor& values_n) = 0;
  /// The texts of all processes by rank.
  virtual std::vector<std::string> gathered(const std::string& text) = 0;
  /// The text of the main process.
  virtual std::string of_main(const std::string& text) = 0;
  virtual void barrier() = 0;
  /// The step that errors name, from 1.
  virtual void set_step(std::int64_t step) = 0;

  /// To be called for each parameter of the model, frozen ones included, once it has its values; again has no
  /// effect. From then on the whole of it need not be in memory.
  virtual void adopt(const Parameter& /*parameter*/) {}
  /// To be called before the first pass, with all parameters, once it is known which are trained.
  virtual void start(const std::vector<Parameter>& /*parameters*/) {}
  /// What the optimizer of this process updates: the trainable parameters, or slices of them, [length], which
  /// are then the ones that have gradients. Always the same tensors.
  virtual std::vector<Parameter> updated(const std::vector<Parameter>& trainable) { return trainable; }
  /// Where the slices of updated() lie, by the name of the parameter.
  virtual ParameterSlices slices() const { return {}; }

  /// Begins an update, for which this process makes `num_passes` forward and backward passes, perhaps none.
  /// Nothing else is communicated until reduce_gradients().
  virtual void begin_update(const std::vector<Parameter>& trainable, std::int64_t num_passes) = 0;
  /// Before each of these passes: gradients may be reduced as soon as they are ready.
  virtual void begin_pass() = 0;
  /// Replaces the gradients by their sums over all processes, after the last pass. A parameter that has no
  /// gradient on any process keeps none.
  virtual void reduce_gradients() = 0;
  /// The norm of all gradients, see optim/gradients.h, where no process need hold all of them. 0-d.
  virtual at::Tensor grad_norm(const std::vector<Parameter>& trainable) = 0;
  /// Completes the weights after the optimizer has changed those of updated().
  virtual void finish_update() {}

  /// Begins an evaluation, for which this process makes `num_passes` forward passes.
  virtual void begin_evaluation(std::int64_t /*num_passes*/) {}
  virtual void end_evaluation() {}
  /// Runs a layer in a pass: its weights need not be in memory before and after.
  virtual at::Tensor run_layer(const Layer& layer, const at::Tensor& hidden_nh) {
    return layer.forward(hidden_nh);
  }
  /// Whether all weights are in memory all the time. If not, they are between make_whole(), which all
  /// processes call, and the next update or evaluation.
  virtual bool keeps_whole() const { return true; }
  virtual void make_whole() {}
  /// Gives a parameter other values, the same on all processes.
  virtual void set_values(const Parameter& parameter, const at::Tensor& values);
  /// The whole of a parameter on process `root`; where it is divided, of no use on the others. All processes
  /// call it.
  virtual at::Tensor whole_on(std::int64_t /*root*/, const Parameter& parameter) {
    return parameter.tensor.detach();
  }
  /// The same of a tensor of the state that the optimizer has for a parameter.
  virtual at::Tensor whole_on(std::int64_t /*root*/, const std::string& /*parameter*/,
                              const at::Tensor& state) {
    return state;
  }
  /// The state of an optimizer for whole parameters, on the main process; of no use on the others.
  virtual OptimizerState whole_state(const Optimizer& optimizer) { return OptimizerState::of(optimizer); }
};

/// A run with a single process.
class SingleProcess final : public Parallel {
 public:
  std::int64_t rank() const override { return 0; }
  std::int64_t size() const override { return 1; }
  at::Tensor gathered(const at::Tensor& values_n) override { return values_n.unsqueeze(0); }
  std::vector<std::string> gathered(const std::string& text) override { return {text}; }
  std::string of_main(const std::string& text) override { return text; }
  void barrier() override {}
  void set_step(std::int64_t) override {}
  void begin_update(const std::vector<Parameter>&, std::int64_t) override {}
  void begin_pass() override {}
  void reduce_gradients() override {}
  at::Tensor grad_norm(const std::vector<Parameter>& trainable) override;
};

}  // namespace sift
