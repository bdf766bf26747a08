#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "plugin_test_support.h"

namespace sift {
namespace {

using testing::HasSubstr;

/// A model of one weight, which remembers what was saved.
class OneWeight final : public RunModel {
 public:
  const std::vector<NamedTensor>& parameters() const override { return parameters_; }
  std::string generate(const GenerationRequest&) const override { return {}; }
  void save(const std::filesystem::path& folder,
            const std::vector<NamedTensor>& replacements) const override {
    saved[folder.string()] = replacements.at(0).tensor.item<double>();
  }
  void set(double value) { parameters_[0].tensor.fill_(value); }

  mutable std::map<std::string, double> saved;

 private:
  std::vector<NamedTensor> parameters_{{"a", at::zeros({1})}};
};

class EmaTest : public testing::Test {
 protected:
  void SetUp() override {
    host_.load_file(test::real_plugin("sift_callback_ema"));
    context_.model = &model_;
  }

  std::unique_ptr<Callback> ema(const test::OptionValues& options) {
    return test::create_callback(host_, "ema", options);
  }
  /// Steps `from` to `to`, whose weights are their numbers.
  void train(Callback& callback, int from, int to) {
    run_.state.global_step = from - 1;
    callback.on_train_begin(context_);
    for (int step = from; step <= to; ++step) {
      model_.set(step);
      run_.state.global_step = step;
      callback.on_step_end(context_);
    }
  }
  double average(const Callback& callback) { return callback.state_tensors().at(0).tensor.item<double>(); }

  PluginHost host_;
  OneWeight model_;
  test::FakeRun run_{10};
  CallbackContext context_ = run_.context("out");
};

TEST_F(EmaTest, IsTheRunningMeanOfTheWeights) {
  const auto callback = ema({{"decay", 0.5}});
  train(*callback, 1, 3);
  EXPECT_DOUBLE_EQ(average(*callback), 0.125 * 0 + 0.125 * 1 + 0.25 * 2 + 0.5 * 3);
  callback->on_train_end(context_);
  EXPECT_DOUBLE_EQ(model_.saved.at("out/ema"), 2.125);
}

TEST_F(EmaTest, BeginsWithTheWeightsOfAStep) {
  const auto callback = ema({{"decay", 0.5}, {"update_after_step", std::int64_t{2}}});
  train(*callback, 1, 3);
  EXPECT_DOUBLE_EQ(average(*callback), 0.5 * 2 + 0.5 * 3);
}

TEST_F(EmaTest, TakesEveryNthStepFromThere) {
  const auto callback =
      ema({{"decay", 0.5}, {"update_after_step", std::int64_t{1}}, {"every_n_steps", std::int64_t{2}}});
  train(*callback, 1, 6);
  EXPECT_DOUBLE_EQ(average(*callback), 0.25 * 1 + 0.25 * 3 + 0.5 * 5);
}

TEST_F(EmaTest, AResumedRunGoesOnWithItsAverage) {
  const auto whole = ema({{"decay", 0.5}}), first = ema({{"decay", 0.5}}), second = ema({{"decay", 0.5}});
  train(*whole, 1, 4);
  model_.set(0);
  train(*first, 1, 2);
  second->load_state_tensors({{"a", first->state_tensors().at(0).tensor.clone()}});
  train(*second, 3, 4);
  EXPECT_EQ(average(*second), average(*whole));
}

TEST_F(EmaTest, CheckpointGetsTheAverageOfItsStep) {
  const auto callback = ema({{"decay", 0.5}});
  train(*callback, 1, 2);
  callback->state_tensors();  // the checkpoint of step 2 begins
  model_.set(3);
  run_.state.global_step = 3;
  callback->on_step_end(context_);
  callback->state_tensors();  // that of step 3 begins, which waits for the one before
  callback->on_save(context_, "out/checkpoint-2");
  callback->on_save(context_, "out/checkpoint-3");
  EXPECT_DOUBLE_EQ(model_.saved.at("out/checkpoint-2/ema"), 0.25 * 1 + 0.5 * 2);
  EXPECT_DOUBLE_EQ(model_.saved.at("out/checkpoint-3/ema"), 2.125);

  const auto without = ema({{"save_with_checkpoints", false}});
  train(*without, 1, 2);
  without->state_tensors();
  without->on_save(context_, "out/checkpoint-4");
  EXPECT_FALSE(model_.saved.contains("out/checkpoint-4/ema"));
}

TEST_F(EmaTest, SaysThatACheckpointHasNoAverage) {
  const auto callback = ema({});
  testing::internal::CaptureStderr();
  train(*callback, 4, 4);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("ema: the checkpoint has no average; it begins with the weights of step 3"));
}

}  // namespace
}  // namespace sift
