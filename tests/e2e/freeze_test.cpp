#include <ATen/Functions.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "formats/safetensors.h"
#include "formats/torch_file.h"
#include "support/program.h"
#include "support/run_folder.h"
#include "support/small_run.h"

namespace sift {
namespace {

using test::SmallRun;
using testing::HasSubstr;

const std::vector<std::string> kFrozen{"train.freeze=[\"model.embed_tokens\", \"*norm*\"]"};
const std::string kStrategies =
    "[[memory]]\nplugin = \"gradient_checkpointing\"\n"
    "[[memory]]\nplugin = \"activation_offload\"\ntarget = \"disk\"\nmin_bytes = 1\n";

std::string train_frozen(const SmallRun& run, const std::string& sections,
                         const std::vector<std::string>& arguments = {}) {
  std::vector<std::string> command{"train", run.write_config(sections)};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const auto result = test::sift(test::with_settings(command, kFrozen));
  EXPECT_EQ(result.status, 0) << result.err;
  return result.err;
}

bool is_frozen(const std::string& name) {
  return name.find("embed_tokens") != std::string::npos || name.find("norm") != std::string::npos;
}

// Whatever the loss is: nll and dft come to the head through token_stats(), liger makes its gradients in
// forward.
TEST(FrozenParameters, StayAsTheyWereAndTheRestLearns) {
  for (const char* loss : {"nll", "dft", "liger"}) {
    const SmallRun run;
    const std::string log = train_frozen(run, std::string("[loss]\nplugin = \"") + loss + "\"\n");
    EXPECT_THAT(log, HasSubstr("M of them trained"));
    const SafetensorsFile before(SmallRun::model_folder() / "model.safetensors");
    const SafetensorsFile after(run.output_dir() / "model.safetensors");
    for (const std::string& name : after.names())
      EXPECT_EQ(at::equal(after.tensor(name), before.tensor(name)), is_frozen(name)) << loss << ": " << name;
  }
}

TEST(FrozenParameters, AreNotInTheOptimizer) {
  const SmallRun run;
  train_frozen(run, "");
  const SafetensorsFile weights(run.output_dir() / "model.safetensors");
  const auto trained =
      std::ranges::count_if(weights.names(), [](const auto& name) { return !is_frozen(name); });
  TorchFile optimizer(run.output_dir() / "checkpoint-6/optimizer.pt");
  EXPECT_EQ(std::ssize(optimizer.root().at("state").by_number()), trained);
}

TEST(FrozenParameters, MemoryStrategiesChangeNothing) {
  const SmallRun plain, with_strategies;
  train_frozen(plain, "");
  train_frozen(with_strategies, kStrategies);
  EXPECT_EQ(test::log_of(with_strategies.output_dir()), test::log_of(plain.output_dir()));
  EXPECT_TRUE(test::weights_of(with_strategies.output_dir()) == test::weights_of(plain.output_dir()));
}

TEST(FrozenParameters, AResumedRunEndsWithTheSameBits) {
  const SmallRun whole, parts;
  train_frozen(whole, "");
  train_frozen(parts, "");
  for (const char* later : {"checkpoint-6", "model.safetensors", "trainer_state.json"})
    std::filesystem::remove_all(parts.output_dir() / later);
  EXPECT_THAT(train_frozen(parts, "", {"--resume"}), HasSubstr("at step 3 of 6"));
  EXPECT_TRUE(test::weights_of(parts.output_dir()) == test::weights_of(whole.output_dir()));

  const auto unfrozen = test::sift(
      {"train", parts.write_config(), "--resume=" + (parts.output_dir() / "checkpoint-3").string()});
  EXPECT_EQ(unfrozen.status, 1);
  EXPECT_THAT(unfrozen.err, HasSubstr("was trained with another freeze in [train]"));
}

TEST(FrozenParameters, ThatDoNotExistAreAnErrorBeforeAnythingIsTrained) {
  const SmallRun run;
  const auto result =
      test::sift({"train", run.write_config(), "--set", "train.freeze=[\"model.embeddings\"]"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("freeze in [train]: 'model.embeddings' matches no parameter"));
  EXPECT_THAT(result.err, HasSubstr("model.embed_tokens"));
}

}  // namespace
}  // namespace sift
