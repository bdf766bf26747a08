#include "plan/paper_step.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros.h>

#include <memory>
#include <utility>

#include "optim/gradients.h"
#include "optim/parameter_groups.h"
#include "parallel/layer_weights.h"
#include "parallel/session.h"
#include "plan/meta_memory.h"
#include "plan/paper_model.h"
#include "train/agreement.h"
#include "train/metric_rounds.h"
#include "train/parallel_of.h"
#include "train/weight_requests.h"

namespace sift {
namespace {

/// The parameters that take part in a pass, in the order in which a decoder uses them.
class PaperDecoder {
 public:
  PaperDecoder(const std::vector<Parameter>& parameters, std::int64_t num_layers)
      : layers_(static_cast<std::size_t>(num_layers)) {
    for (const Parameter& parameter : parameters) {
      if (parameter.quantized) continue;
      const auto layer = layer_of(parameter.name);
      const bool is_embedding = parameter.name.find("embed_tokens") != std::string::npos;
      auto& part = layer ? layers_[static_cast<std::size_t>(*layer)] : is_embedding ? before_ : after_;
      part.push_back(parameter.tensor);
    }
  }

  /// Forward and backward of a pass.
  void run(Parallel& parallel) const {
    at::Tensor hidden = use(before_, at::zeros({1, 1}, at::TensorOptions().device(at::kMeta)));
    const auto num_layers = static_cast<std::int64_t>(layers_.size());
    for (std::int64_t index = 0; index < num_layers; ++index) {
      const auto& weights = layers_[static_cast<std::size_t>(index)];
      hidden = parallel.run_layer(
          {index, num_layers, [&](const at::Tensor& input) { return use(weights, input); }}, hidden);
    }
    use(after_, hidden).sum().backward();
  }

 private:
  /// Something that depends on the input and on each weight, and saves neither.
  static at::Tensor use(const std::vector<at::Tensor>& weights, const at::Tensor& input) {
    at::Tensor output = input;
    for (const at::Tensor& weight : weights) output = output + weight.sum(at::kFloat);
    return output;
  }

  std::vector<at::Tensor> before_, after_;
  std::vector<std::vector<at::Tensor>> layers_;
};

/// What the training loop agrees on in a step beside what Parallel does by itself: TrainStep and Trainer.
void agree(Parallel& parallel, const PaperRun& run, const Components& components) {
  const auto zeros = [](std::int64_t count, at::ScalarType dtype) {
    return at::zeros({count}, at::TensorOptions().dtype(dtype));
  };
  parallel.gathered(zeros(2 + run.micro_batches, at::kLong));  // scored tokens, micro-batches, tokens
  MetricRounds(components.metric_keys()).joined(parallel, run.micro_batches);
  parallel.gathered(zeros(1, at::kFloat));                                           // the loss
  if (run.sharing.strategy != "replicas") parallel.gathered(zeros(1, at::kDouble));  // the norm of slices
  of_main(0.0, parallel);                                                            // the learning rate
  constexpr int kEvents = 3;  // the step begins, is about to update, has ended
  for (int event = 0; event < kEvents; ++event) WeightRequests(parallel).finish_event();
  parallel.gathered(zeros(5, at::kLong));  // what callbacks ask for
}

std::int64_t count(const std::vector<Parameter>& parameters) {
  std::int64_t numel = 0;
  for (const Parameter& parameter : parameters) numel += parameter.numel();
  return numel;
}

std::vector<Parameter> trained(const std::vector<Parameter>& parameters) {
  std::vector<Parameter> trained;
  for (const Parameter& parameter : parameters)
    if (parameter.trained) trained.push_back(parameter);
  return trained;
}

}  // namespace

PaperStep play_step(const PaperRun& run, Components& components, std::int64_t rank, std::int64_t size) {
  MetaMemory memory;
  const auto session = size > 1 ? ParallelSession::on_paper(rank, size) : nullptr;
  const auto parallel = session ? parallel_of_each(run.sharing, run.config_file, *session)
                                : parallel_of(run.sharing, run.config_file, nullptr);
  std::vector<Parameter> parameters = paper_parameters(run.model, run.dtype, run.freeze);
  PaperStep step;
  step.num_parameters = count(parameters);
  for (const Parameter& parameter : parameters) parallel->adopt(parameter);
  parallel->start(parameters);
  const std::vector<Parameter> trainable = trained(parameters);
  step.num_trained = count(trainable);
  const PaperDecoder decoder(parameters, run.model.config.num_hidden_layers);
  const std::vector<Parameter> updated = parallel->updated(trainable);
  step.weights = memory.bytes();
  OptimizerSetup setup;
  setup.groups = parameter_groups(updated, 0.0);
  components.make_optimizer(std::move(setup));
  step.optimizer = memory.bytes() - step.weights;

  constexpr int kUpdates = 2;  // the first finds the order of the gradients
  for (int update = 0; update < kUpdates; ++update) {
    const Traffic before = session ? session->traffic() : Traffic();
    memory.begin_peak();
    parallel->begin_update(trainable, run.passes);
    for (std::int64_t pass = 0; pass < run.passes; ++pass) {
      parallel->begin_pass();
      decoder.run(*parallel);
    }
    parallel->reduce_gradients();
    step.gradients = memory.bytes() - step.weights - step.optimizer;
    parallel->finish_update();
    zero_grad(updated);
    if (session) agree(*parallel, run, components);
    step.in_flight = memory.peak_bytes() - step.held();
    if (session) step.traffic = session->traffic().since(before);
  }
  components.make_optimizer({{{0.0, {}}, {0.0, {}}}});  // frees the tensors
  return step;
}

}  // namespace sift
