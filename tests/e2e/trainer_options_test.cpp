#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/program.h"
#include "support/run_folder.h"
#include "support/small_run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using test::log_of;
using test::SmallRun;
using test::weights_of;
using testing::HasSubstr;
using testing::Not;
using Settings = std::vector<std::string>;

test::ProgramResult train(const SmallRun& run, const Settings& settings, const Settings& arguments = {}) {
  Settings all = test::with_settings({"train", run.write_config()}, settings);
  all.insert(all.end(), arguments.begin(), arguments.end());
  return test::sift(all);
}

/// Trains with the settings, whole and resumed from checkpoint-3, and expects the same bits.
void expect_resumes_exactly(const Settings& settings) {
  const SmallRun whole, resumed;
  for (const SmallRun* run : {&whole, &resumed}) {
    const auto result = train(*run, settings);
    ASSERT_EQ(result.status, 0) << result.err;
  }
  const auto again =
      train(resumed, settings, {"--resume=" + (resumed.output_dir() / "checkpoint-3").string()});
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(log_of(resumed.output_dir()), log_of(whole.output_dir()));
  EXPECT_TRUE(weights_of(resumed.output_dir()) == weights_of(whole.output_dir()));
}

TEST(TrainerOptions, ACheckpointWithOnlyTheModelIsAModelAndNoMore) {
  const SmallRun run;
  const Settings settings{"train.save_only_model=true"};
  const auto result = train(run, settings);
  ASSERT_EQ(result.status, 0) << result.err;
  const fs::path checkpoint = run.output_dir() / "checkpoint-6";
  for (const char* name : {"optimizer.pt", "scheduler.pt", "rng_state.safetensors", "sift_state.json"})
    EXPECT_FALSE(fs::exists(checkpoint / name)) << name;
  for (const char* name : {"model.safetensors", "tokenizer.json", "trainer_state.json", "manifest.json"})
    EXPECT_TRUE(fs::exists(checkpoint / name)) << name;
  EXPECT_TRUE(weights_of(checkpoint) == weights_of(run.output_dir()));

  const auto refused = train(run, settings, {"--resume"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err,
              HasSubstr("checkpoint-6: has no optimizer.pt: the checkpoint was saved without its "
                        "optimizer (save_only_model in [train]), so no run can be resumed from it"));
  const SmallRun next;
  EXPECT_EQ(train(next, {"model.path=" + checkpoint.string(), "train.max_steps=1"}).status, 0);
}

TEST(TrainerOptions, OnlyTheBestIsSaved) {
  const SmallRun run;
  const auto result =
      train(run, {"train.save_strategy=best", "train.eval_strategy=steps", "train.eval_steps=1",
                  "train.metric_for_best_model=loss", "train.greater_is_better=true", "train.eval_delay=2"});
  ASSERT_EQ(result.status, 0) << result.err;
  // the run learns, so the largest loss is the first that is looked at
  EXPECT_TRUE(fs::exists(run.output_dir() / "checkpoint-2"));
  for (const int step : {1, 3, 4, 5, 6})
    EXPECT_FALSE(fs::exists(run.output_dir() / ("checkpoint-" + std::to_string(step)))) << step;
}

TEST(TrainerOptions, ADataTypeIsTakenFromTheModel) {
  const SmallRun run;
  const auto result = train(run, {"model.dtype=auto"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("parameters in float32 on cpu"));

  const fs::path model = run.folder() / "model";
  fs::copy(SmallRun::model_folder(), model, fs::copy_options::recursive);
  Json config = test::read_json(model / "config.json");
  config.erase("dtype");
  for (const auto& [dtype, named] : std::vector<std::pair<std::string, std::string>>{
           {"bfloat16", "parameters in bfloat16 on cpu"},
           {"float16", "the weights are float16, whose range is too small for training"},
           {"float64", "the weights are float64; set dtype = \"float32\" or \"bfloat16\""}}) {
    config["torch_dtype"] = dtype;
    run.folder().write("model/config.json", config.dump());
    const auto other = train(run, {"model.dtype=auto", "model.path=" + model.string(), "train.max_steps=1"},
                             {"--overwrite"});
    EXPECT_EQ(other.status, dtype == "float64" ? 1 : 0) << other.err;
    EXPECT_THAT(other.err, HasSubstr(named));
  }
  config.erase("torch_dtype");
  run.folder().write("model/config.json", config.dump());
  const auto of_weights = train(run, {"model.dtype=auto", "model.path=" + model.string()}, {"--overwrite"});
  EXPECT_THAT(of_weights.err, HasSubstr("parameters in float32 on cpu"));
}

TEST(TrainerOptions, RowsGroupedByLengthResumeExactly) {
  expect_resumes_exactly({"train.train_sampling_strategy=group_by_length", "train.eval_strategy=steps",
                          "train.eval_steps=2", "train.per_device_train_batch_size=6"});
}

TEST(TrainerOptions, AdaptiveRatesResumeExactly) {
  const Settings evaluated{"train.eval_strategy=steps", "train.eval_steps=1", "train.logging_steps=1"};
  for (const char* type : {"reduce_lr_on_plateau", "greedy"}) {
    SCOPED_TRACE(type);
    Settings settings = evaluated;
    settings.push_back(std::string("train.lr_scheduler_type=") + type);
    settings.emplace_back("train.lr_scheduler_kwargs={ patience = 0, threshold = 0.5, min_lr = 1e-5 }");
    expect_resumes_exactly(settings);
  }
}

TEST(TrainerOptions, InputTokensAreCountedAcrossAResume) {
  const SmallRun run;
  const Settings settings{"train.include_num_input_tokens_seen=true"};
  ASSERT_EQ(train(run, settings).status, 0);
  const Json state = test::read_json(run.output_dir() / "trainer_state.json");
  const std::int64_t seen = state.at("num_input_tokens_seen").get<std::int64_t>();
  EXPECT_GT(seen, 0);
  ASSERT_EQ(train(run, settings, {"--resume=" + (run.output_dir() / "checkpoint-3").string()}).status, 0);
  EXPECT_EQ(test::read_json(run.output_dir() / "trainer_state.json").at("num_input_tokens_seen"), seen);
}

TEST(TrainerOptions, DroppingTheLastBatchMustLeaveOne) {
  const SmallRun run;
  const auto result = train(run, {"train.dataloader_drop_last=true", "train.per_device_train_batch_size=21"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("dataloader_drop_last in [train]: the 20 training rows do not fill one "
                                    "batch of 21"));
  const auto of_eval = train(run, {"train.dataloader_drop_last=true", "train.eval_strategy=epoch"});
  EXPECT_EQ(of_eval.status, 1);
  EXPECT_THAT(of_eval.err, HasSubstr("the 4 evaluation rows do not fill one batch of 8"));
}

TEST(TrainerOptions, TheLogLevelSilencesNotesAndWarningsButNoCurve) {
  const SmallRun run;
  const auto level = [&](const std::string& name) {
    const auto result = train(run, {"train.log_level=" + name}, {"--overwrite"});
    EXPECT_EQ(result.status, 0) << result.err;
    return result.err;
  };
  EXPECT_THAT(level("info"), testing::AllOf(HasSubstr("train data"), HasSubstr("loss")));
  EXPECT_THAT(level("warning"), testing::AllOf(Not(HasSubstr("train data")), HasSubstr("loss")));
  EXPECT_THAT(level("error"), testing::AllOf(Not(HasSubstr("saved")), HasSubstr("loss")));
}

TEST(TrainerOptions, AResumedRunMayBeginItsEpochAgain) {
  const SmallRun run;
  ASSERT_EQ(train(run, {}).status, 0);
  const auto result = train(run, {"train.ignore_data_skip=true", "train.logging_steps=1"},
                            {"--resume=" + (run.output_dir() / "checkpoint-3").string()});
  ASSERT_EQ(result.status, 0) << result.err;
  const Json log = test::read_json(run.output_dir() / "trainer_state.json").at("log_history");
  for (const Json& entry : log) {
    if (entry.at("step") != 4) continue;
    EXPECT_EQ(entry.at("epoch"), 0.1);
  }
}

}  // namespace
}  // namespace sift
