#include "optim/optimizer_file.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sift/error.h>
#include "formats/torch_file.h"
#include "model/decoder/decoder.h"
#include "support/adamw.h"
#include "support/small_run.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::TempFolder;
using testing::HasSubstr;

fs::path trl_checkpoint() {
  return fs::path(SIFT_FIXTURES) / "parity/checkpoints/llama-resume/checkpoint-10";
}

std::vector<Parameter> two_parameters() {
  return {{"norm.weight", at::full({3}, 1.0).requires_grad_()},
          {"a.weight", at::full({2, 2}, 2.0).requires_grad_()}};
}

const ScheduleState kSchedule{1e-3, 5e-4, 10, false};

/// An optimizer after a step that gave only `updated` gradients.
std::unique_ptr<Optimizer> stepped(const std::vector<Parameter>& parameters,
                                   const std::vector<std::string>& updated) {
  auto optimizer = test::adamw(parameters);
  for (const Parameter& parameter : parameters) {
    if (std::find(updated.begin(), updated.end(), parameter.name) != updated.end())
      parameter.tensor.mutable_grad() = at::rand_like(parameter.tensor);
  }
  test::step(*optimizer, 0.1, at::ones({}));
  return optimizer;
}

void write(const fs::path& file, const Optimizer& optimizer) {
  write_optimizer_file(file, OptimizerState::of(optimizer), kSchedule);
}

void expect_same_state(const Optimizer& a, const Optimizer& b) {
  const auto left = OptimizerState::of(a).groups, right = OptimizerState::of(b).groups;
  ASSERT_EQ(left.size(), right.size());
  for (std::size_t g = 0; g < left.size(); ++g) {
    ASSERT_EQ(left[g].parameters.size(), right[g].parameters.size());
    for (std::size_t i = 0; i < left[g].parameters.size(); ++i) {
      const auto& ours = left[g].parameters[i];
      for (std::size_t n = 0; n < ours.size(); ++n)
        EXPECT_TRUE(ours[n].tensor.equal(right[g].parameters[i][n].tensor)) << i << ours[n].name;
    }
  }
}

TEST(OptimizerFile, GivesBackWhatWasWritten) {
  const TempFolder folder;
  const auto parameters = two_parameters();
  const auto written = stepped(parameters, {"norm.weight", "a.weight"});
  write(folder / "optimizer.pt", *written);
  const auto read = test::adamw(parameters);
  read_optimizer_file(folder / "optimizer.pt", *read);
  expect_same_state(*written, *read);
}

// torch gives a parameter its state with its first gradient.
TEST(OptimizerFile, ParameterWithoutUpdatesHasNoState) {
  const TempFolder folder;
  const auto parameters = two_parameters();
  const auto written = stepped(parameters, {"norm.weight"});
  write(folder / "optimizer.pt", *written);
  const auto state = TorchFile(folder / "optimizer.pt").root().at("state").by_number();
  ASSERT_EQ(state.size(), 1U);
  EXPECT_EQ(state[0].first, 1);  // those with decay come first
  const auto read = test::adamw(parameters);
  read_optimizer_file(folder / "optimizer.pt", *read);
  expect_same_state(*written, *read);
}

TEST(OptimizerFile, IsWhatTrlWrites) {
  const TempFolder folder;
  const Decoder model = Decoder::load(trl_checkpoint(), at::kFloat, at::kCPU);
  const auto optimizer = test::adamw(model.parameters());
  read_optimizer_file(trl_checkpoint() / "optimizer.pt", *optimizer);
  write(folder / "optimizer.pt", *optimizer);
  TorchFile ours(folder / "optimizer.pt"), theirs(trl_checkpoint() / "optimizer.pt");
  const auto our_groups = ours.root().at("param_groups").items(),
             groups = theirs.root().at("param_groups").items();
  ASSERT_EQ(our_groups.size(), groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const char* key : {"weight_decay", "lr", "eps", "initial_lr"})
      EXPECT_EQ(our_groups[i].at(key).to_double(), groups[i].at(key).to_double()) << key;
    for (const char* key :
         {"amsgrad", "maximize", "capturable", "differentiable", "fused", "decoupled_weight_decay"})
      EXPECT_EQ(our_groups[i].at(key).to_bool(), groups[i].at(key).to_bool()) << key;
    EXPECT_TRUE(our_groups[i].has("foreach"));
    const auto our_numbers = our_groups[i].at("params").items(), numbers = groups[i].at("params").items();
    ASSERT_EQ(our_numbers.size(), numbers.size());
    for (std::size_t n = 0; n < numbers.size(); ++n) EXPECT_EQ(our_numbers[n].to_int(), numbers[n].to_int());
  }
  const auto our_state = ours.root().at("state").by_number(), state = theirs.root().at("state").by_number();
  ASSERT_EQ(our_state.size(), state.size());
  for (std::size_t i = 0; i < state.size(); ++i) {
    for (const char* key : {"step", "exp_avg", "exp_avg_sq"}) {
      const PickleValue saved = state[i].second.at(key);
      const at::Tensor a = at::empty(saved.to_tensor().sizes), b = at::empty_like(a);
      theirs.read(saved, a);
      ours.read(our_state[i].second.at(key), b);
      EXPECT_TRUE(a.equal(b)) << saved.path();
    }
  }
}

TEST(OptimizerFile, OtherSettingsAreAWarning) {
  const TempFolder folder;
  const auto parameters = two_parameters();
  write(folder / "optimizer.pt", *test::adamw(parameters, {.weight_decay = 0.5, .beta2 = 0.95}));
  testing::internal::CaptureStderr();
  read_optimizer_file(folder / "optimizer.pt", *test::adamw(parameters));
  const std::string logged = testing::internal::GetCapturedStderr();
  EXPECT_THAT(logged, HasSubstr("weight_decay 0.5 (now 0), adam_beta2 0.94999999999999996 (now 0.999"));
}

TEST(OptimizerFile, AnotherModelOrOptimizerIsAnError) {
  const TempFolder folder;
  const auto parameters = two_parameters();
  const auto fault = [&](const std::vector<Parameter>& of) {
    return test::error_of([&] { read_optimizer_file(folder / "optimizer.pt", *test::adamw(of)); });
  };
  write(folder / "optimizer.pt", *stepped(parameters, {"a.weight"}));
  EXPECT_THAT(fault({parameters[1]}),
              HasSubstr("optimizer.pt['param_groups'][1]: has 1 parameters, this run has 0"));
  EXPECT_THAT(fault({parameters[0], {"a.weight", at::zeros({4})}}),
              HasSubstr("optimizer.pt['state'][0]['exp_avg']: has shape [2, 2], this run has [4]"));
  fs::copy_file(trl_checkpoint() / "scheduler.pt", folder / "optimizer.pt",
                fs::copy_options::overwrite_existing);
  EXPECT_THAT(fault(parameters), HasSubstr("optimizer.pt: has no 'param_groups'"));
}

}  // namespace
}  // namespace sift
