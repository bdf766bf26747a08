#include "train/train_step.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "optim/parameter_groups.h"
#include "support/own_components.h"
#include "support/tiny_model.h"

namespace sift {
namespace {

/// Another process with the same rows.
class TwoProcesses final : public Parallel {
 public:
  std::int64_t rank() const override { return 0; }
  std::int64_t size() const override { return 2; }
  at::Tensor gathered(const at::Tensor& values_n) override { return at::stack({values_n, values_n}); }
  std::vector<std::string> gathered(const std::string& text) override { return {text, text}; }
  std::string of_main(const std::string& text) override { return text; }
  void barrier() override {}
  void set_step(std::int64_t) override {}
  void begin_update(const std::vector<Parameter>& parameters, std::int64_t passes) override {
    trainable = parameters;
    num_passes = passes;
  }
  void begin_pass() override { ++begun; }
  void reduce_gradients() override {
    for (const Parameter& parameter : trainable) parameter.tensor.mutable_grad().mul_(2);
  }
  at::Tensor grad_norm(const std::vector<Parameter>& parameters) override {
    return sift::grad_norm(parameters);
  }

  std::vector<Parameter> trainable;
  std::int64_t num_passes = 0, begun = 0;
};

UpdateBatches update_of(const std::vector<Batch>& batches) {
  UpdateBatches update;
  for (const Batch& batch : batches) {
    update.micro_batches.push_back(batch);
    update.micro_batches.back().row_ids = {update.num_scored};
    update.num_scored += batch.num_scored();
    ++update.rounds;
  }
  return update;
}

class TrainStepTest : public testing::Test {
 protected:
  TrainStep step(Parallel& parallel, const TrainStep::Options& options = {}) {
    components_.get().make_optimizer({parameter_groups(model_.trainable(), 0.0)});
    return {model_, components_.get(), parallel, options};
  }
  std::vector<at::Tensor> gradients() const {
    std::vector<at::Tensor> all;
    for (const Parameter& parameter : model_.parameters()) all.push_back(parameter.tensor.grad().clone());
    return all;
  }
  std::vector<at::Tensor> weights() const {
    std::vector<at::Tensor> all;
    for (const Parameter& parameter : model_.parameters()) all.push_back(parameter.tensor.detach().clone());
    return all;
  }

  test::Events events_;
  bool breaks_ = false;
  test::OwnComponents components_{events_, [this](const LossInput& input) {
                                    LossOutput output = test::nll(input);
                                    if (breaks_ && input.batch.num_scored() == 1)
                                      output.loss = output.loss * std::numeric_limits<double>::quiet_NaN();
                                    return output;
                                  }};
  Decoder model_ = Decoder::random(test::tiny_config(), 1, at::kFloat, at::kCPU);
  SingleProcess one_;
  const Batch first_ = test::make_batch({{1, 2, 3, 4}}), second_ = test::make_batch({{5, 6}});
};

TEST_F(TrainStepTest, HowAnUpdateIsSplitChangesNothing) {
  TrainStep training = step(one_);
  const StepResult together = training.gradients(update_of({test::make_batch({{1, 2, 3, 4}, {5, 6}})}), 1);
  const auto expected = gradients();
  training.zero_grad();
  const StepResult apart = training.gradients(update_of({first_, second_}), 1);
  EXPECT_NEAR(apart.loss.item<double>(), together.loss.item<double>(), 1e-6);
  EXPECT_NEAR(apart.norm.item<double>(), together.norm.item<double>(), 1e-6);
  const auto found = gradients();
  for (std::size_t i = 0; i < found.size(); ++i)
    EXPECT_TRUE(at::allclose(found[i], expected[i], 1e-5, 1e-7)) << i;
  ASSERT_EQ(apart.micro_batches.size(), 2U);
  EXPECT_EQ(apart.micro_batches[0].num_tokens, 4);
  EXPECT_EQ(apart.micro_batches[1].num_tokens, 2);
  EXPECT_EQ(apart.micro_batches[1].rows, std::vector<std::int64_t>{3});
}

TEST_F(TrainStepTest, TheLossIsAMeanOverTheTokensOfAllProcesses) {
  TwoProcesses two;
  TrainStep alone = step(one_), shared = step(two);
  const double loss = alone.gradients(update_of({first_}), 1).loss.item<double>();
  const auto expected = gradients();
  shared.zero_grad();
  const StepResult result = shared.gradients(update_of({first_}), 1);
  EXPECT_NEAR(result.loss.item<double>(), loss, 1e-6);
  EXPECT_EQ(result.num_tokens, std::vector<std::int64_t>{2 * first_.num_tokens()});
  EXPECT_EQ(two.num_passes, 1);
  EXPECT_EQ(two.begun, 1);
  const auto found = gradients();  // of both, as one process with all rows has them
  for (std::size_t i = 0; i < found.size(); ++i)
    EXPECT_TRUE(at::allclose(found[i], expected[i], 1e-5, 1e-7)) << i;
}

TEST_F(TrainStepTest, ClipsAndUpdates) {
  TrainStep training = step(one_, {.max_grad_norm = 1e-3});
  const auto before = weights();
  const StepResult result = training.gradients(update_of({first_}), 1);
  EXPECT_GT(result.norm.item<double>(), 1e-3);
  training.update(result, 0.0);
  EXPECT_TRUE(at::equal(weights()[1], before[1]));
  training.update(result, 0.1);
  EXPECT_FALSE(at::equal(weights()[1], before[1]));
  training.zero_grad();
  EXPECT_FALSE(model_.parameters()[1].tensor.grad().defined());
}

TEST_F(TrainStepTest, LeavesTheWeightsWhereTheLossIsNotFinite) {
  TrainStep training = step(one_);
  EXPECT_EQ(training.gradients(update_of({first_, second_}), 7).found_inf.item<float>(), 0.0F);
  training.zero_grad();
  breaks_ = true;
  const auto before = weights();
  const StepResult result = training.gradients(update_of({first_, second_}), 8);
  EXPECT_EQ(result.found_inf.item<float>(), 1.0F);
  EXPECT_EQ(result.step, 8);
  EXPECT_TRUE(std::isfinite(result.micro_batches[0].loss.item<float>()));
  EXPECT_FALSE(std::isfinite(result.micro_batches[1].loss.item<float>()));
  training.update(result, 0.1);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_TRUE(at::equal(weights()[i], before[i]));
}

/// Takes gradients at weights that are twice those between the steps.
class AtTwiceTheWeights final : public Optimizer {
 public:
  explicit AtTwiceTheWeights(OptimizerSetup setup) : Optimizer(std::move(setup)) {}
  void begin_step() override { scale(2.0); }
  void step(const OptimizerStep&) override { ++num_steps; }
  void end_step() override { scale(0.5); }
  std::vector<NamedTensor> parameter_state(std::size_t, std::size_t) const override { return {}; }
  std::vector<GroupOption> group_options(std::size_t) const override { return {}; }

  int num_steps = 0;

 private:
  void scale(double factor) {
    for (const ParameterGroup& group : setup().groups) {
      for (const auto& [name, weight] : group.parameters) weight.mul_(factor);
    }
  }
};

TEST_F(TrainStepTest, TakesGradientsAtTheWeightsOfTheOptimizer) {
  LoadedComponent component;
  component.name = "twice";
  component.make_options = [] { return std::make_shared<NoOptions>(); };
  component.create = OptimizerFactory([](const void*, OptimizerSetup setup) {
    return std::make_unique<AtTwiceTheWeights>(std::move(setup));
  });
  at::Tensor seen;
  test::OwnComponents components(
      events_,
      [&](const LossInput& input) {
        seen = model_.parameters()[1].tensor.detach().clone();
        LossOutput output = test::nll(input);
        if (breaks_) output.loss = output.loss * std::numeric_limits<double>::quiet_NaN();
        return output;
      },
      component);
  components.get().make_optimizer({parameter_groups(model_.trainable(), 0.0)});
  TrainStep training(model_, components.get(), one_, {});
  const auto before = weights();
  for (const bool breaks : {false, true}) {
    breaks_ = breaks;
    training.update(training.gradients(update_of({first_}), 1), 0.1);
    EXPECT_TRUE(seen.equal(before[1] * 2.0));
    EXPECT_TRUE(weights()[1].equal(before[1]));
    EXPECT_EQ(static_cast<const AtTwiceTheWeights&>(components.get().optimizer()).num_steps, 1);
  }
}

}  // namespace
}  // namespace sift
