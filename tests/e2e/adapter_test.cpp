#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/program.h"
#include "support/run_folder.h"
#include "support/small_run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::SmallRun;
using testing::HasSubstr;
using Sets = std::vector<std::string>;

const std::string kLora = "[lora]\nr = 4\nlora_alpha = 8\ntarget_modules = \"all-linear\"\n";
const std::string kDropout = kLora + "lora_dropout = 0.2\n";

std::string model(const std::string& name) {
  return "model.path=" + (SmallRun::model_folder().parent_path() / name).string();
}

std::string adapter_of(const fs::path& folder) {
  return test::read_file(folder / "adapter_model.safetensors");
}

/// The log and the trained adapter.
std::pair<nlohmann::json, std::string> outcome(const std::string& sections, Sets sets) {
  const SmallRun run;
  sets.insert(sets.end(), {"train.learning_rate=0.01", "train.gradient_accumulation_steps=2"});
  const auto result = test::sift(test::with_settings({"train", run.write_config(sections)}, sets));
  EXPECT_EQ(result.status, 0) << result.err;
  return {test::log_of(run.output_dir()), adapter_of(run.output_dir())};
}

TEST(AdapterRun, LeavesAFolderOfPeftAndNoModel) {
  const SmallRun run;
  const auto result =
      test::sift(test::with_settings({"train", run.write_config(kLora)}, {"train.learning_rate=2e-5"}));
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err,
              HasSubstr("learning_rate in [train] is 2e-05: adapters usually need about ten times"));
  for (const fs::path& folder : {run.output_dir(), run.output_dir() / "checkpoint-3"}) {
    for (const char* name : {"adapter_config.json", "adapter_model.safetensors", "tokenizer.json",
                             "chat_template.jinja", "trainer_state.json"})
      EXPECT_TRUE(fs::exists(folder / name)) << name;
    EXPECT_FALSE(fs::exists(folder / "model.safetensors"));
    EXPECT_FALSE(fs::exists(folder / "config.json"));
  }
  const auto config = test::read_json(run.output_dir() / "adapter_config.json");
  EXPECT_EQ(config.at("base_model_name_or_path"), SmallRun::model_folder().string());
}

/// A run that loses its checkpoint of step 6 and goes on from step 3 writes that very checkpoint again.
TEST(AdapterRun, ResumesExactly) {
  for (const auto& [sections, sets] :
       {std::pair(kDropout,
                  Sets{"train.gradient_accumulation_steps=2", "memory.0.plugin=gradient_checkpointing"}),
        {kDropout + "use_dora = true\n", Sets{"data.packing=true", "train.neftune_noise_alpha=5"}},
        {std::string("[lora]\ninit_lora_weights = \"pissa\"\nmodules_to_save = [\"lm_head\"]\n"),
         Sets{model("llama-tied-bias"), "model.dtype=bfloat16"}},
        {std::string("[lora]\ntarget_modules = [\"q_proj\"]\ntarget_parameters = [\"experts.down_proj\"]\n"
                     "trainable_token_indices = [5, 6]\n"),
         Sets{model("mixtral"), "loss.plugin=liger"}}}) {
    SCOPED_TRACE(sections);
    const SmallRun run;
    const auto arguments = test::with_settings({"train", run.write_config(sections)}, sets);
    const auto whole = test::sift(arguments);
    ASSERT_EQ(whole.status, 0) << whole.err;
    const fs::path kept = run.folder() / "kept", again = run.output_dir() / "checkpoint-6";
    fs::rename(again, kept);
    auto resuming = arguments;
    resuming.push_back("--resume");
    const auto resumed = test::sift(resuming);
    ASSERT_EQ(resumed.status, 0) << resumed.err;
    EXPECT_THAT(resumed.err, HasSubstr("at step 3 of 6"));
    for (const char* name : {"adapter_model.safetensors", "adapter_config.json", "optimizer.pt",
                             "scheduler.pt", "rng_state.safetensors", "sift_state.json"})
      EXPECT_TRUE(test::read_file(again / name) == test::read_file(kept / name)) << name;
  }
}

TEST(AdapterRun, IsTheSameToTheBitUnderEveryMemoryStrategy) {
  const std::string checkpointing = "[[memory]]\nplugin = \"gradient_checkpointing\"\n";
  const std::string offload =
      "[[memory]]\nplugin = \"activation_offload\"\ntarget = \"disk\"\nmin_bytes = 1\n";
  for (const std::string& lora : {kDropout, kDropout + "use_dora = true\n"}) {
    const auto plain = outcome(lora, {});
    for (const std::string& memory :
         {checkpointing, checkpointing + "selective = true\n", offload, offload + checkpointing}) {
      const auto with = outcome(lora + memory, {});
      EXPECT_EQ(with.first, plain.first) << memory;
      EXPECT_TRUE(with.second == plain.second) << memory;
    }
  }
}

TEST(AdapterRun, IsSplitIntoPassesWithoutAnotherResult) {
  const auto whole = outcome(kLora, {}), split = outcome(kLora, {"train.max_tokens_per_pass=40"});
  ASSERT_EQ(whole.first.size(), split.first.size());
  for (std::size_t i = 0; i < whole.first.size(); ++i) {
    if (!whole.first[i].contains("loss")) continue;
    EXPECT_NEAR(whole.first[i]["loss"].get<double>(), split.first[i]["loss"].get<double>(), 1e-5);
  }
}

TEST(AdapterRun, TrainsOnlyWithNoiseIfAskedTo) {
  const auto plain = outcome(kLora, {});
  EXPECT_FALSE(outcome(kDropout, {}).second == plain.second);
  EXPECT_FALSE(outcome(kLora, {"train.neftune_noise_alpha=5"}).second == plain.second);
  EXPECT_TRUE(outcome(kLora, {}).second == plain.second);
}

TEST(AdapterRun, GoesOnFromAnotherAdapter) {
  const SmallRun first;
  ASSERT_EQ(test::sift({"train", first.write_config(kLora)}).status, 0);
  const SmallRun second;
  const std::string path = "adapter_path = \"" + first.output_dir().string() + "\"\n";
  const auto result = test::sift({"train", second.write_config("[lora]\n" + path)});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_FALSE(adapter_of(first.output_dir()) == adapter_of(second.output_dir()));
  const auto refused = test::sift({"train", second.write_config(kLora + path), "--overwrite"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(
      refused.err,
      HasSubstr("r: the adapter of adapter_path has this in its adapter_config.json; remove it here"));
}

TEST(AdapterRun, CanBeEvaluatedMergedAndAsked) {
  const SmallRun run;
  const std::string config = run.write_config(kLora);
  ASSERT_EQ(test::sift(test::with_settings({"train", config}, {"train.learning_rate=0.05"})).status, 0);
  const std::string adapter = run.output_dir().string(), merged = (run.folder() / "merged").string();
  const auto merging = test::sift({"merge", adapter, "--out", merged});
  ASSERT_EQ(merging.status, 0) << merging.err;

  const auto loss_of = [&](const std::string& folder) {
    const std::string json = (run.folder() / "values.json").string();
    auto arguments = test::with_settings({"evaluate", config}, {"model.path=" + folder});
    arguments.insert(arguments.end(), {"--json", json});
    const auto result = test::sift(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    return test::read_json(json).at("eval_loss").get<double>();
  };
  const double loss = loss_of(adapter);
  EXPECT_NEAR(loss_of(merged), loss, 1e-5 * loss);
  EXPECT_GT(loss_of(SmallRun::model_folder().string()), loss + 0.01);
  const auto answer_of = [&](const std::string& folder) {
    const auto result = test::sift({"generate", folder, "--prompt", "hello", "--max-new-tokens", "8"});
    EXPECT_EQ(result.status, 0) << result.err;
    return result.out;
  };
  EXPECT_EQ(answer_of(adapter), answer_of(merged));

  EXPECT_THAT(test::sift({"merge", adapter, "--out", merged}).err,
              HasSubstr("is not empty; choose a new folder"));
  EXPECT_THAT(test::sift({"merge", merged, "--out", merged}).err, HasSubstr("is no adapter folder"));
  const auto trained =
      test::sift(test::with_settings({"train", config, "--overwrite"}, {"model.path=" + adapter}));
  EXPECT_THAT(trained.err, HasSubstr("set path to its base model and adapter_path in [lora]"));
}

TEST(AdapterRun, AndAFullOneDoNotResumeEachOther) {
  const SmallRun run;
  ASSERT_EQ(test::sift({"train", run.write_config(kLora)}).status, 0);
  const auto full = test::sift({"train", run.write_config(), "--resume"});
  EXPECT_EQ(full.status, 1);
  EXPECT_THAT(full.err, HasSubstr("holds an adapter, and this run has no [lora]"));
  const auto other = test::sift(
      {"train", run.write_config("[lora]\nr = 2\nlora_alpha = 8\ntarget_modules = \"all-linear\"\n"),
       "--resume"});
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.err, HasSubstr("the adapter does not fit its configuration and the model"));
  const SmallRun plain;
  ASSERT_EQ(test::sift({"train", plain.write_config()}).status, 0);
  const auto adapter = test::sift({"train", plain.write_config(kLora), "--resume"});
  EXPECT_EQ(adapter.status, 1);
  EXPECT_THAT(adapter.err, HasSubstr("has no adapter_model.safetensors"));
}

TEST(AdapterRun, NamesOfTrlAreAnswered) {
  const SmallRun run;
  const auto result = test::sift(test::with_settings({"train", run.write_config("[lora]\nlora_r = 4\n")},
                                                     {"model.use_peft=true", "model.lora_alpha=3"}));
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, testing::AllOf(HasSubstr("'lora_r' is r in [lora]"),
                                         HasSubstr("'use_peft' has no use here: a run with a section [lora]"),
                                         HasSubstr("'lora_alpha'; it belongs in [lora]")));
}

}  // namespace
}  // namespace sift
