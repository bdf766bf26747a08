#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/program.h"
#include "support/run_folder.h"
#include "support/small_run.h"

namespace sift {
namespace {

using test::SmallRun;
using testing::HasSubstr;

const std::string kCheckpointing = "[[memory]]\nplugin = \"gradient_checkpointing\"\n";
const std::string kSelective = kCheckpointing + "selective = true\nevery_n_layers = 2\n";
const std::string kOffload =
    "[[memory]]\nplugin = \"activation_offload\"\ntarget = \"disk\"\nmin_bytes = 1\n";

/// The log and the trained weights.
std::pair<nlohmann::json, std::string> outcome(const std::string& memory) {
  const SmallRun run;
  const auto result = test::sift(test::with_settings(
      {"train", run.write_config(memory)},
      {"train.gradient_accumulation_steps=2", "train.eval_strategy=steps", "train.eval_steps=3"}));
  EXPECT_EQ(result.status, 0) << result.err;
  return {test::log_of(run.output_dir()), test::weights_of(run.output_dir())};
}

TEST(Memory, StrategiesChangeNeitherTheLogNorTheModel) {
  const auto plain = outcome("");
  for (const std::string& memory :
       {kCheckpointing, kSelective, kOffload, kCheckpointing + kOffload, kOffload + kSelective}) {
    const auto with = outcome(memory);
    EXPECT_EQ(with.first, plain.first) << memory;
    EXPECT_TRUE(with.second == plain.second) << memory;
  }
}

TEST(Memory, AStrategyNamedTwiceIsRefused) {
  const SmallRun run;
  const auto result = test::sift({"train", run.write_config(kOffload + kOffload)});
  EXPECT_NE(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("[[memory]] plugin 'activation_offload' is listed twice"));
}

TEST(Memory, AFolderThatIsNotThereEndsTheRunBeforeItStarts) {
  const SmallRun run;
  const auto result = test::sift({"train", run.write_config(kOffload + "folder = \"/nowhere\"\n")});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("memory 'activation_offload'"));
  EXPECT_THAT(result.err, HasSubstr("folder = \"/nowhere\""));
  EXPECT_FALSE(std::filesystem::exists(run.output_dir() / "trainer_state.json"));
}

}  // namespace
}  // namespace sift
