#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include <sift/linear_cross_entropy.h>

#include "device/late_device.h"
#include "optim/parameter_groups.h"
#include "support/own_components.h"
#include "support/tiny_model.h"
#include "train/train_step.h"

// A step gives the device its work and never waits for it.

namespace sift {
namespace {

using test::LateDevice;
using Names = std::vector<std::string>;

UpdateBatches update_of(const std::vector<std::vector<std::int64_t>>& documents) {
  Batch batch = test::make_batch(documents);
  for (at::Tensor* tensor :
       {&batch.input_ids_n, &batch.targets_n, &batch.position_ids_n, &batch.scored_m, &batch.cu_seqlens_s})
    *tensor = tensor->to(LateDevice::device());
  UpdateBatches update;
  update.num_scored = batch.num_scored();
  update.micro_batches = {batch, batch};
  update.rounds = 2;
  return update;
}

class StepOnDevice : public testing::Test {
 protected:
  explicit StepOnDevice(test::OwnLoss::Compute compute = test::nll)
      : components_(events_, std::move(compute)) {
    components_.get().make_optimizer({parameter_groups(model_.trainable(), 0.1)});
  }
  StepResult step(const TrainStep::Options& options) {
    SingleProcess one;
    TrainStep training(model_, components_.get(), one, options);
    const UpdateBatches update = update_of({{1, 2, 3, 4}, {5, 6, 7}});
    LateDevice::take_reads();
    const StepResult result = training.gradients(update, 1);
    training.update(result, 0.1);
    training.zero_grad();
    return result;
  }
  at::Tensor embedding() const { return model_.parameters()[0].tensor.detach().to(at::kCPU); }

  test::Events events_;
  test::OwnComponents components_;
  Decoder model_ = Decoder::random(test::tiny_config(), 1, at::kFloat, LateDevice::device());
};

TEST_F(StepOnDevice, ReadsNothing) {
  for (const std::int64_t tokens_per_pass : {0, 4}) {
    const at::Tensor before = embedding();
    const StepResult result = step({.max_grad_norm = 1.0, .tokens_per_pass = tokens_per_pass});
    EXPECT_EQ(LateDevice::take_reads(), Names{}) << tokens_per_pass;
    EXPECT_FALSE(at::equal(embedding(), before));
    EXPECT_GT(result.norm.item<double>(), 0.0);
    EXPECT_EQ(LateDevice::take_reads(), Names{"aten::_local_scalar_dense"});
  }
}

class FusedLossOnDevice : public StepOnDevice {
 protected:
  FusedLossOnDevice() : StepOnDevice([](const LossInput& input) { return linear_cross_entropy(input); }) {}
};

TEST_F(FusedLossOnDevice, ReadsNothing) {
  step({});
  EXPECT_EQ(LateDevice::take_reads(), Names{});
}

class NonfiniteOnDevice : public StepOnDevice {
 protected:
  NonfiniteOnDevice()
      : StepOnDevice([](const LossInput& input) {
          LossOutput output = test::nll(input);
          output.loss = output.loss * std::numeric_limits<double>::quiet_NaN();
          return output;
        }) {}
};

TEST_F(NonfiniteOnDevice, IsSkippedOnTheDevice) {
  const at::Tensor before = embedding();
  const StepResult result = step({.max_grad_norm = 1.0});
  EXPECT_EQ(LateDevice::take_reads(), Names{});
  EXPECT_EQ(result.found_inf.item<float>(), 1.0F);
  EXPECT_TRUE(at::equal(embedding(), before));
  EXPECT_EQ(test::state_of(components_.get().optimizer(), 0, 0, "step").item<float>(), 0.0F);
}

}  // namespace
}  // namespace sift
