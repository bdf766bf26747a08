#include <gtest/gtest.h>

#include "unit/config/config_fixture.h"

namespace sift::config_test {
namespace {

TEST(OptimizerOptions, TheDefaultIsTrls) {
  const Config config = read(kSmall);
  EXPECT_EQ(config.train.optim, "adamw_torch_fused");
  EXPECT_EQ(config.components.optimizer.component->name, "adamw_torch_fused");
  EXPECT_TRUE(config.train.optim_args.empty());
}

TEST(OptimizerOptions, AnOptimizerGetsItsOwnOptions) {
  const Config config = read(kSmall + "optim = \"own_optimizer\"\noptim_args = { alpha = 1, limit = 3 }\n");
  const auto& knobs = *static_cast<const Knobs*>(config.components.optimizer.options.get());
  EXPECT_EQ(config.components.optimizer.component->name, "own_optimizer");
  EXPECT_EQ(knobs.alpha, 1.0);
  EXPECT_EQ(knobs.limit, 3);
  const Config set = read(kSmall, {"train.optim=own_optimizer", "train.optim_args={alpha = 0.25}"});
  EXPECT_EQ(static_cast<const Knobs*>(set.components.optimizer.options.get())->alpha, 0.25);
}

TEST(OptimizerOptions, FaultsNameTheLineAndTheOptimizer) {
  EXPECT_EQ(
      faults(kSmall + "optim = \"adamw_torc\"\n"),
      "sift.toml:7:9: [train] optim: unknown optimizer 'adamw_torc'; did you mean 'adamw_torch'? known optimizers: "
      "adamw_torch, adamw_torch_fused, own_optimizer");
  EXPECT_EQ(
      faults(kSmall + "optim_args = { momentum = 0.9 }\n"),
      "sift.toml:7:16: [train] unknown key 'optim_args.momentum' for optim 'adamw_torch_fused'; known: none");
  EXPECT_EQ(
      faults(kSmall + "optim = \"own_optimizer\"\noptim_args = { alpha = 2 }\n"),
      "sift.toml:8:24: [train] optim_args.alpha: expected a number, between 0 and 1, found 2 (weight of the "
      "second term)");
}

}  // namespace
}  // namespace sift::config_test
