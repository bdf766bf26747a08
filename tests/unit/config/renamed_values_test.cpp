#include "config/renamed_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/config_fixture.h"

namespace sift::config_test {
namespace {

using testing::HasSubstr;

TEST(RenamedValues, HaveAnswers) {
  EXPECT_EQ(faults(kSmall, {"model.dtype=float16"}),
            "--set model.dtype: [model] dtype: \"float16\" is not supported, since gradients in it need "
            "scaling; use \"bfloat16\", or bf16 = true in [train]");
  EXPECT_EQ(faults(kSmall + "resume_from_checkpoint = true\nmax_steps = 0\n"),
            "sift.toml:7:26: [train] resume_from_checkpoint: true is \"last\" here\n"
            "sift.toml:8:13: [train] max_steps: 0 is -1 here: the number of steps follows from "
            "num_train_epochs");
  EXPECT_EQ(faults(kSmall, {"data.packing_strategy=bfd-requeue"}),
            "--set data.packing_strategy: [data] packing_strategy: \"bfd-requeue\" is now \"bfd_split\"");
  EXPECT_THAT(faults(kSmall, {"model.dtype=bfloat"}), HasSubstr("did you mean 'bfloat16'?"));
  EXPECT_EQ(fate_of_value("dtype", "bfloat16"), "");
  EXPECT_EQ(fate_of_value("path", "float16"), "");
}

TEST(RenamedValues, OptimizersOfTransformersAreNotMistakenForOthers) {
  const std::pair<std::string, std::string> nearest[] = {{"paged_adamw_8bit", "adamw_8bit"},
                                                         {"lion_8bit", "lion_32bit"},
                                                         {"rmsprop_bnb", "rmsprop"},
                                                         {"galore_adamw", "adamw_torch_fused"},
                                                         {"schedule_free_sgd", "schedule_free_adamw"}};
  for (const auto& [name, here] : nearest) {
    EXPECT_EQ(faults(kSmall + "optim = \"" + name + "\"\n"),
              "sift.toml:7:9: [train] optim: \"" + name +
                  "\" is an optimizer of transformers that Sift lacks; the nearest is \"" + here +
                  "\", or write a plugin: sift new-plugin optimizer NAME");
  }
  EXPECT_THAT(faults(kSmall + "optim = \"adamw_hf\"\n"), HasSubstr("write \"adamw_torch_fused\""));
  EXPECT_THAT(faults(kSmall + "optim = \"adamw_toch\"\n"), HasSubstr("did you mean 'adamw_torch'?"));
  EXPECT_EQ(faults(kSmall + "optim = \"adamw_torch_fused\"\n"), "none");
}

TEST(RenamedValues, PluginsThatAreServices) {
  EXPECT_EQ(faults(kSmall + "[[callbacks]]\nplugin = \"wandb\"\n"),
            "sift.toml:8:10: [[callbacks]] plugin 'wandb' is not supported: Sift reports to no service; use "
            "\"tensorboard\" or \"csv\", or write a plugin: sift new-plugin callback NAME");
  EXPECT_EQ(faults(kSmall + "[loss]\nplugin = \"chunked_nll\"\n"),
            "sift.toml:8:10: [loss] plugin 'chunked_nll' is \"nll\" here, as in TRL");
}

}  // namespace
}  // namespace sift::config_test
