#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/program.h"
#include "support/run_folder.h"
#include "support/small_run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using test::log_of;
using test::read_json;
using test::SmallRun;
using test::weights_of;
using testing::HasSubstr;

TEST(Train, LeavesAModelFolderWithItsLog) {
  const SmallRun run;
  const auto result = test::sift({"train", run.write_config()});
  ASSERT_EQ(result.status, 0) << result.err;
  for (const char* name :
       {"config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
        "tokenizer_config.json", "chat_template.jinja", "trainer_state.json", "train_results.json",
        "checkpoint-3/model.safetensors", "checkpoint-6/optimizer.pt", "checkpoint-6/scheduler.pt"}) {
    EXPECT_TRUE(fs::exists(run.output_dir() / name)) << name;
  }
  const Json results = read_json(run.output_dir() / "train_results.json");
  EXPECT_EQ(results.at("global_step"), 6);
  EXPECT_GT(results.at("training_loss").get<double>(), 1.0);
  const Json state = read_json(run.output_dir() / "trainer_state.json");
  EXPECT_EQ(state.at("logging_steps"), 2);
  EXPECT_EQ(state.at("save_steps"), 3);
  ASSERT_EQ(state.at("log_history").size(), 4U);  // steps 2, 4, 6 and the end
  for (const char* key : {"loss", "grad_norm", "learning_rate", "entropy", "mean_token_accuracy",
                          "num_tokens", "epoch", "step"}) {
    EXPECT_TRUE(state["log_history"][0].contains(key)) << key;
  }
  EXPECT_THAT(result.err, HasSubstr("train data: 20 rows read, 20 kept"));
  EXPECT_FALSE(fs::exists(run.output_dir() / ".final.tmp"));
}

TEST(Train, ResumedRunIsTheRunThatWasNeverInterrupted) {
  const SmallRun whole;
  ASSERT_EQ(test::sift({"train", whole.write_config()}).status, 0);
  for (const char* resume : {"--resume", "--resume=last"}) {
    const SmallRun run;
    // stopped after step 3, in the middle of an epoch and of a log window
    const std::string config = run.write_config();
    ASSERT_EQ(test::sift({"train", config}).status, 0);
    fs::remove_all(run.output_dir() / "checkpoint-6");
    const auto result = test::sift({"train", config, resume});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("at step 3 of 6"));
    for (const char* name : {"model.safetensors", "checkpoint-6/model.safetensors",
                             "checkpoint-6/optimizer.pt", "checkpoint-6/scheduler.pt",
                             "checkpoint-6/rng_state.safetensors", "checkpoint-6/sift_state.json"}) {
      // not EXPECT_EQ, which would print megabytes of weights
      EXPECT_TRUE(test::read_file(run.output_dir() / name) == test::read_file(whole.output_dir() / name))
          << name;
    }
    EXPECT_EQ(log_of(run.output_dir()), log_of(whole.output_dir()));
  }
}

TEST(Train, FolderWithARunIsRefusedUnlessAskedFor) {
  const SmallRun run;
  const std::string config = run.write_config();
  ASSERT_EQ(test::sift({"train", config}).status, 0);
  const std::string before = weights_of(run.output_dir());
  run.folder().write("out/notes.txt", "mine");

  const auto refused = test::sift({"train", config});
  EXPECT_EQ(refused.status, 1);
  EXPECT_EQ(refused.err,
            "sift: output_dir " + run.output_dir().string() +
                " already holds a run (checkpoint-6); continue it with --resume, replace it with "
                "--overwrite, or choose another folder\n");
  EXPECT_TRUE(weights_of(run.output_dir()) == before);

  // --overwrite that fails before training begins costs nothing
  const auto failed = test::sift({"train", config, "--overwrite", "--set", "data.train=nowhere.jsonl"});
  EXPECT_EQ(failed.status, 1);
  EXPECT_TRUE(fs::exists(run.output_dir() / "checkpoint-6"));
  EXPECT_TRUE(weights_of(run.output_dir()) == before);

  // nor does one that fails before its first checkpoint
  const std::string failing =
      run.folder()
          .write("failing.toml", test::read_file(config) + test::fixture_loss("throws_at_step", "step = 2\n"))
          .string();
  EXPECT_EQ(test::sift({"train", failing, "--overwrite"}).status, 1);
  EXPECT_TRUE(fs::exists(run.output_dir() / "checkpoint-6"));
  EXPECT_TRUE(weights_of(run.output_dir()) == before);

  const std::string model = (run.output_dir() / "checkpoint-6").string();
  const auto own_model = test::sift({"train", config, "--overwrite", "--set", "model.path=" + model});
  EXPECT_EQ(own_model.status, 1);
  EXPECT_THAT(own_model.err, HasSubstr("sift: path in [model]: " + model + " is inside output_dir "));
  EXPECT_TRUE(fs::exists(model));

  const auto replaced = test::sift({"train", config, "--overwrite", "--set", "train.max_steps=3"});
  EXPECT_EQ(replaced.status, 0) << replaced.err;
  EXPECT_FALSE(fs::exists(run.output_dir() / "checkpoint-6"));
  EXPECT_EQ(test::read_file(run.output_dir() / "notes.txt"), "mine");
  EXPECT_TRUE(fs::exists(run.output_dir() / "checkpoint-3"));

  // without checkpoints the final model is the first result
  const auto unsaved = test::sift(
      test::with_settings({"train", config, "--overwrite"}, {"train.save_strategy=no", "train.max_steps=2"}));
  EXPECT_EQ(unsaved.status, 0) << unsaved.err;
  for (const auto& entry : fs::directory_iterator(run.output_dir()))
    EXPECT_FALSE(entry.is_directory()) << entry;
  EXPECT_TRUE(fs::exists(run.output_dir() / "model.safetensors"));
}

TEST(Train, PluginThatThrowsEndsTheRunWithOneErrorAndKeepsTheCheckpoint) {
  const SmallRun run;
  const std::string plugin = std::string(SIFT_TEST_PLUGINS) + "/throws_at_step.so";
  const std::string config = run.write_config(test::fixture_loss("throws_at_step", "step = 5\n"));
  const auto result = test::sift({"train", config});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("sift: loss 'throws_at_step' (" + plugin + ") failed in step 5: "));
  const auto resumed = test::sift({"train", config, "--resume", "--set", "loss.step=100"});
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("at step 3 of 6"));
}

TEST(Train, TooLittleMemoryIsNoFaultOfAPlugin) {
  const SmallRun run;
  const auto result = test::sift(
      {"train", run.write_config(test::fixture_loss("throws_at_step", "step = 2\nout_of_memory = true\n"))});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("sift: the device has no byte left"));
  EXPECT_THAT(result.err, HasSubstr("lower per_device_train_batch_size"));
  EXPECT_THAT(result.err, testing::Not(HasSubstr("throws_at_step")));
}

TEST(Train, DumpedConfigurationRunsTheSame) {
  const SmallRun run;
  const std::string config = run.write_config();
  const auto dumped = test::sift({"train", config, "--set", "train.max_steps=2", "--dump-config"});
  ASSERT_EQ(dumped.status, 0) << dumped.err;
  EXPECT_FALSE(fs::exists(run.output_dir()));  // nothing is done but printing
  const std::string file = run.folder().write("dumped.toml", dumped.out).string();
  EXPECT_EQ(test::sift({"train", file, "--dump-config"}).out, dumped.out);

  ASSERT_EQ(test::sift({"train", config, "--set", "train.max_steps=2"}).status, 0);
  const Json direct = log_of(run.output_dir());
  ASSERT_EQ(test::sift({"train", file, "--overwrite"}).status, 0);
  EXPECT_EQ(log_of(run.output_dir()), direct);
}

TEST(Train, EvaluatesWhenAsked) {
  const SmallRun run;
  const auto result = test::sift(
      test::with_settings({"train", run.write_config()},
                          {"train.eval_strategy=steps", "train.eval_steps=4", "train.eval_on_start=true"}));
  ASSERT_EQ(result.status, 0) << result.err;
  std::vector<int> steps;
  const Json log = log_of(run.output_dir());
  for (const Json& entry : log) {
    if (entry.contains("eval_loss")) steps.push_back(entry.at("step").get<int>());
  }
  EXPECT_EQ(steps, (std::vector<int>{0, 4, 6}));
}

TEST(Evaluate, PrintsAndWritesTheFigures) {
  const SmallRun run;
  const std::string json = (run.folder() / "figures.json").string();
  const auto result = test::sift({"evaluate", run.write_config(), "--json", json});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("eval_mean_token_accuracy"));
  const Json figures = read_json(json);
  EXPECT_GT(figures.at("eval_loss").get<double>(), 1.0);
  EXPECT_GT(figures.at("eval_token_loss").get<double>(), 1.0);
}

TEST(Generate, AnswersFromATrainedFolder) {
  const SmallRun run;
  ASSERT_EQ(test::sift({"train", run.write_config()}).status, 0);
  const auto result =
      test::sift({"generate", run.output_dir().string(), "--prompt", "What is it?", "--max-new-tokens", "8"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_FALSE(result.out.empty());
  const auto again =
      test::sift({"generate", run.output_dir().string(), "--prompt", "What is it?", "--max-new-tokens", "8"});
  EXPECT_EQ(again.out, result.out);
}

}  // namespace
}  // namespace sift
