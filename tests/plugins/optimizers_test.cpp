#include "support/optimizers.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "optim/optimizer_file.h"
#include "optim/optimizer_state.h"
#include "parallel/division.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

using test::optimizer_of;
using test::OptimizerArgs;
using test::whole_step;
using testing::HasSubstr;

std::vector<Parameter> parameters_of(at::ScalarType dtype) {
  at::manual_seed(3);
  const auto weight = [&](at::IntArrayRef sizes) { return at::randn(sizes).to(dtype).requires_grad_(); };
  return {{"model.layers.0.mlp.up_proj.weight", weight({80, 64})}, {"model.norm.weight", weight({8})}};
}

std::unique_ptr<Optimizer> optimizer_for(const std::string& optim, const std::vector<Parameter>& parameters,
                                         const OptimizerArgs& args = {}) {
  OptimizerSetup setup;
  setup.groups = parameter_groups(parameters, 0.1);
  setup.seed = 42;
  return optimizer_of(optim, args, setup);
}

void set_gradients(const std::vector<Parameter>& parameters, double factor = 1.0) {
  at::manual_seed(5);
  for (const Parameter& parameter : parameters) {
    const at::Tensor& weight = parameter.tensor;
    weight.mutable_grad() = (at::randn(weight.sizes()) * factor).to(weight.scalar_type());
  }
}

void expect_same_weights(const std::vector<Parameter>& a, const std::vector<Parameter>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(a[i].tensor.equal(b[i].tensor)) << a[i].name;
}

class EveryOptimizer : public testing::TestWithParam<std::string> {};

TEST_P(EveryOptimizer, TakesTheScaledGradient) {
  const auto clipped = parameters_of(at::kFloat), small = parameters_of(at::kFloat);
  const auto one = optimizer_for(GetParam(), clipped), other = optimizer_for(GetParam(), small);
  for (int step = 0; step < 2; ++step) {
    set_gradients(clipped);
    set_gradients(small, 0.25);
    whole_step(*one, 0.01, at::full({}, 0.25));
    whole_step(*other, 0.01, at::ones({}));
  }
  expect_same_weights(clipped, small);
  EXPECT_FALSE(clipped[0].tensor.equal(parameters_of(at::kFloat)[0].tensor));
}

TEST_P(EveryOptimizer, LeavesAParameterWithoutGradient) {
  const auto parameters = parameters_of(at::kFloat);
  const auto optimizer = optimizer_for(GetParam(), parameters);
  set_gradients(parameters);
  parameters[1].tensor.mutable_grad().reset();
  whole_step(*optimizer, 0.01, at::ones({}));
  EXPECT_TRUE(parameters[1].tensor.equal(parameters_of(at::kFloat)[1].tensor));
  EXPECT_FALSE(parameters[0].tensor.equal(parameters_of(at::kFloat)[0].tensor));
}

// The loop makes no step with such gradients, but calls begin_step() and end_step() all the same.
TEST_P(EveryOptimizer, SkippedStepChangesNothing) {
  const auto parameters = parameters_of(at::kFloat);
  const auto optimizer = optimizer_for(GetParam(), parameters);
  set_gradients(parameters);
  whole_step(*optimizer, 0.01, at::ones({}));
  const at::Tensor before = parameters[0].tensor.detach().clone();
  const at::NoGradGuard no_grad;
  optimizer->begin_step();
  optimizer->end_step();
  EXPECT_TRUE(at::allclose(parameters[0].tensor, before, 1e-6, 1e-7));
}

TEST_P(EveryOptimizer, DecaysOnlyTheGroupWithWeightDecay) {
  const auto parameters = parameters_of(at::kFloat);
  const auto optimizer = optimizer_for(GetParam(), parameters);
  for (const Parameter& parameter : parameters)
    parameter.tensor.mutable_grad() = at::zeros_like(parameter.tensor);
  whole_step(*optimizer, 0.01, at::ones({}));
  const auto first = parameters_of(at::kFloat);
  EXPECT_LT(parameters[0].tensor.norm().item<float>(), first[0].tensor.norm().item<float>());
  EXPECT_TRUE(parameters[1].tensor.equal(first[1].tensor));
}

/// The bytes of a state, but for what does not grow with the weights.
std::size_t bytes_of(const OptimizerState& state) {
  std::size_t bytes = 0;
  for (const auto& group : state.groups)
    for (const auto& parameter : group.parameters)
      for (const auto& [name, tensor] : parameter) bytes += tensor.dim() > 0 ? tensor.nbytes() : 0;
  return bytes;
}

/// The slices of process `rank` of three, with copies of the values and the gradients.
std::vector<Parameter> slices_of(const std::vector<Parameter>& parameters, std::int64_t rank) {
  std::vector<Parameter> slices;
  for (const auto& [name, tensor, trained, quantized] : parameters) {
    slices.push_back({name, slice_of(tensor, 3, rank).clone()});
    slices.back().tensor.mutable_grad() = slice_of(tensor.grad(), 3, rank).clone();
  }
  return slices;
}

// A vector of 8 is one slice, and two empty ones.
TEST_P(EveryOptimizer, GoesOnWithSlicesToTheSameBitsIfItIsElementwise) {
  const std::vector<std::string> elementwise = {"adamw_torch_fused", "lion_32bit", "rmsprop", "sgd"};
  const auto parameters = parameters_of(at::kFloat);
  const auto optimizer = optimizer_for(GetParam(), parameters);
  const bool is_one = std::ranges::find(elementwise, GetParam()) != elementwise.end();
  ASSERT_EQ(optimizer->is_elementwise(), is_one);
  if (!is_one) return;
  set_gradients(parameters);
  whole_step(*optimizer, 0.01, at::ones({}));
  const test::TempFolder folder;
  write_optimizer_file(folder / "optimizer.pt", OptimizerState::of(*optimizer), {1e-2, 1e-2, 1, false});

  set_gradients(parameters, 2.0);
  std::vector<std::vector<Parameter>> ranks;
  std::size_t bytes = 0;
  for (std::int64_t rank = 0; rank < 3; ++rank) {
    ranks.push_back(slices_of(parameters, rank));
    const auto one = optimizer_for(GetParam(), ranks.back());
    ParameterSlices places;
    for (const Parameter& parameter : parameters)
      places[parameter.name] = {parameter.tensor.sizes().vec(),
                                Division{parameter.tensor.numel(), 3}.begin(rank)};
    read_optimizer_file(folder / "optimizer.pt", *one, places);
    bytes += bytes_of(OptimizerState::of(*one));
    whole_step(*one, 0.01, at::full({}, 0.5));
  }
  EXPECT_EQ(bytes, bytes_of(OptimizerState::of(*optimizer)));
  whole_step(*optimizer, 0.01, at::full({}, 0.5));
  for (std::int64_t rank = 0; rank < 3; ++rank)
    for (std::size_t i = 0; i < parameters.size(); ++i)
      EXPECT_TRUE(
          at::equal(ranks[static_cast<std::size_t>(rank)][i].tensor, slice_of(parameters[i].tensor, 3, rank)))
          << rank << parameters[i].name;
}

/// Two steps, then a third by the same optimizer or by one that read its file.
std::vector<Parameter> three_steps(const std::string& optim, at::ScalarType dtype, const OptimizerArgs& args,
                                   bool resumes) {
  const auto parameters = parameters_of(dtype);
  auto optimizer = optimizer_for(optim, parameters, args);
  for (int step = 0; step < 3; ++step) {
    if (step == 2 && resumes) {
      const test::TempFolder folder;
      write_optimizer_file(folder / "optimizer.pt", OptimizerState::of(*optimizer), {1e-2, 1e-2, 2, false});
      const std::string state = optimizer->state();
      optimizer = optimizer_for(optim, parameters, args);
      read_optimizer_file(folder / "optimizer.pt", *optimizer);
      if (!state.empty()) optimizer->load_state(state);
    }
    set_gradients(parameters, step + 1);
    whole_step(*optimizer, 0.01, at::ones({}));
  }
  return parameters;
}

TEST_P(EveryOptimizer, GoesOnFromItsFile) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    SCOPED_TRACE(at::toString(dtype));
    expect_same_weights(three_steps(GetParam(), dtype, {}, false), three_steps(GetParam(), dtype, {}, true));
  }
}

TEST_P(EveryOptimizer, GoesOnWithItsMasterWeights) {
  for (const std::string masters : {"float32", "stochastic"}) {
    if (masters == "stochastic" && GetParam() == "schedule_free_adamw") continue;
    SCOPED_TRACE(masters);
    const OptimizerArgs args{{"master_weights", masters}};
    expect_same_weights(three_steps(GetParam(), at::kBFloat16, args, false),
                        three_steps(GetParam(), at::kBFloat16, args, true));
  }
}

// Float32 copies make the same steps as float32 weights that begin with the same values.
TEST_P(EveryOptimizer, MasterWeightsAreThoseOfFloat32) {
  const auto coarse = parameters_of(at::kBFloat16);
  std::vector<Parameter> fine;
  for (const Parameter& parameter : coarse)
    fine.push_back({parameter.name, parameter.tensor.detach().to(at::kFloat).requires_grad_()});
  const auto one = optimizer_for(GetParam(), coarse, {{"master_weights", std::string("float32")}});
  const auto other = optimizer_for(GetParam(), fine);
  for (int step = 0; step < 3; ++step) {
    set_gradients(coarse);
    for (std::size_t i = 0; i < fine.size(); ++i)
      fine[i].tensor.mutable_grad() = coarse[i].tensor.grad().to(at::kFloat);
    whole_step(*one, 1e-3, at::ones({}));
    whole_step(*other, 1e-3, at::ones({}));
  }
  for (std::size_t i = 0; i < fine.size(); ++i)
    EXPECT_TRUE(coarse[i].tensor.equal(fine[i].tensor.to(at::kBFloat16))) << fine[i].name;
}

INSTANTIATE_TEST_SUITE_P(Shipped, EveryOptimizer, testing::ValuesIn(test::optimizer_names()),
                         [](const auto& run) { return run.param; });

// An eighth of the distance to the next bfloat16 is lost by rounding to nearest, and kept on average
// otherwise.
TEST(MasterWeights, StochasticRoundingIsRightOnAverage) {
  for (const std::string masters : {"none", "stochastic"}) {
    const std::vector<Parameter> parameters{
        {"a.norm.weight", at::ones({4000}, at::kBFloat16).requires_grad_()}};
    const auto optimizer = optimizer_for("sgd", parameters, {{"master_weights", masters}});
    for (int step = 0; step < 2; ++step) {
      parameters[0].tensor.mutable_grad() = at::full({4000}, -1.0 / 1024, at::kBFloat16);
      whole_step(*optimizer, 1.0, at::ones({}));
    }
    const double mean = parameters[0].tensor.to(at::kFloat).mean().item().toDouble();
    EXPECT_NEAR(mean, masters == "none" ? 1.0 : 1.0 + 2.0 / 1024, masters == "none" ? 0.0 : 2e-4);
  }
}

TEST(MasterWeights, AnotherSeedRoundsOtherwise) {
  const auto rounded = [](std::int64_t seed) {
    const auto parameters = parameters_of(at::kBFloat16);
    OptimizerSetup setup;
    setup.groups = parameter_groups(parameters, 0.0);
    setup.seed = seed;
    const auto optimizer = optimizer_of("sgd", {{"master_weights", std::string("stochastic")}}, setup);
    set_gradients(parameters);
    whole_step(*optimizer, 1e-4, at::ones({}));
    return parameters[0].tensor.detach();
  };
  EXPECT_TRUE(rounded(1).equal(rounded(1)));
  EXPECT_FALSE(rounded(1).equal(rounded(2)));
}

TEST(MasterWeights, CheckpointWithoutThemIsRefused) {
  const test::TempFolder folder;
  const auto parameters = parameters_of(at::kBFloat16);
  const auto without = optimizer_for("adamw_torch_fused", parameters);
  set_gradients(parameters);
  whole_step(*without, 1e-3, at::ones({}));
  write_optimizer_file(folder / "optimizer.pt", OptimizerState::of(*without), {1e-2, 1e-2, 2, false});
  const auto with =
      optimizer_for("adamw_torch_fused", parameters, {{"master_weights", std::string("float32")}});
  EXPECT_THAT(
      test::error_of([&] { read_optimizer_file(folder / "optimizer.pt", *with); }),
      HasSubstr("has no master_weight; it is the state of another optimizer; resume with the one that "
                "wrote it (optim and optim_args in [train])"));
}

/// The bytes of the states for each parameter of a matrix of this name.
double bytes_per_parameter(const std::string& optim, const OptimizerArgs& args = {},
                           at::ScalarType dtype = at::kFloat,
                           const std::string& name = "model.layers.0.mlp.up_proj.weight") {
  const std::vector<Parameter> parameters{{name, at::zeros({1024, 512}, dtype).requires_grad_()}};
  const auto optimizer = optimizer_for(optim, parameters, args);
  return static_cast<double>(OptimizerState::of(*optimizer).nbytes()) /
         static_cast<double>(parameters[0].tensor.numel());
}

// As the table of docs/optimizers.md has it.
TEST(OptimizerMemory, IsThatOfTheDocumentation) {
  const double adamw = bytes_per_parameter("adamw_torch_fused");
  EXPECT_NEAR(adamw, 8.0, 0.01);
  const double of_8_bits = bytes_per_parameter("adamw_8bit");
  EXPECT_LE(of_8_bits, 0.27 * adamw);
  EXPECT_GT(of_8_bits, 2.0);
  const std::string embedding = "model.embed_tokens.weight";
  EXPECT_NEAR(bytes_per_parameter("adamw_8bit", {}, at::kFloat, embedding), 8.0, 0.01);
  EXPECT_EQ(bytes_per_parameter("adamw_8bit", {{"embedding_bits", std::int64_t{8}}}, at::kFloat, embedding),
            of_8_bits);
  EXPECT_EQ(bytes_per_parameter("sgd"), 0.0);
  EXPECT_NEAR(bytes_per_parameter("sgd", {{"momentum", 0.9}}), 4.0, 0.01);
  EXPECT_NEAR(bytes_per_parameter("rmsprop"), 4.0, 0.01);
  EXPECT_NEAR(bytes_per_parameter("lion_32bit"), 4.0, 0.01);
  EXPECT_NEAR(bytes_per_parameter("muon"), 4.0, 0.01);
  EXPECT_NEAR(bytes_per_parameter("schedule_free_adamw"), 8.0, 0.01);
  EXPECT_LT(bytes_per_parameter("adafactor"), 0.02);
  const auto of_bfloat16 = [](const std::string& masters) {
    return bytes_per_parameter("adamw_torch_fused", {{"master_weights", masters}}, at::kBFloat16);
  };
  EXPECT_NEAR(of_bfloat16("none"), 4.0, 0.01);
  EXPECT_NEAR(of_bfloat16("stochastic"), 8.0, 0.01);
  EXPECT_NEAR(of_bfloat16("float32"), 12.0, 0.01);
}

TEST(Sgd, NesterovNeedsMomentum) {
  EXPECT_THAT(test::error_of([] {
                optimizer_for("sgd", {}, {{"nesterov", true}});
              }),
              HasSubstr("nesterov in optim_args needs momentum above 0 and dampening 0"));
}

// The stacked matrices of experts are updated one by one.
TEST(Muon, TakesExpertsApart) {
  const auto stacked = at::randn({2, 6, 4}).requires_grad_();
  const auto single = stacked.detach()[1].clone().requires_grad_();
  const std::vector<Parameter> parameters{{"model.layers.0.mlp.experts.down_proj", stacked},
                                          {"model.layers.0.mlp.down_proj.weight", single}};
  const auto optimizer = optimizer_for("muon", parameters);
  stacked.mutable_grad() = at::randn({2, 6, 4});
  single.mutable_grad() = stacked.grad()[1].clone();
  whole_step(*optimizer, 0.01, at::ones({}));
  EXPECT_TRUE(stacked[1].equal(single));
}

// transformers saves the weights at which it takes gradients; Sift's are those to evaluate.
TEST(ScheduleFreeAdamW, TurnsTheTrainingWeightsOfACheckpointIntoTheMean) {
  const test::TempFolder folder;
  const auto parameters = parameters_of(at::kFloat);
  const auto written = optimizer_for("schedule_free_adamw", parameters);
  for (int step = 0; step < 2; ++step) {
    set_gradients(parameters);
    whole_step(*written, 0.01, at::ones({}));
  }
  const at::Tensor mean = parameters[0].tensor.detach().clone();
  OptimizerState state = OptimizerState::of(*written);
  for (OptimizerState::Group& group : state.groups) {
    for (GroupOption& option : group.options) {
      if (option.key == "train_mode") option.value = true;
    }
  }
  write_optimizer_file(folder / "optimizer.pt", state, {1e-2, 1e-2, 2, false});
  const at::NoGradGuard no_grad;
  written->begin_step();
  EXPECT_FALSE(at::allclose(parameters[0].tensor, mean, 1e-6, 1e-7));
  const auto read = optimizer_for("schedule_free_adamw", parameters);
  read_optimizer_file(folder / "optimizer.pt", *read);
  EXPECT_TRUE(at::allclose(parameters[0].tensor, mean, 1e-6, 1e-7));
}

}  // namespace
}  // namespace sift
