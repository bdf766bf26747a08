#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "support/researcher.h"
#include "support/run_folder.h"
#include "support/small_run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using testing::HasSubstr;

const std::vector<std::string> kKinds = {"loss", "metric", "callback", "memory", "optimizer"};

/// One build of all plugins, each by its own CMakeLists.txt: LibTorch's headers are compiled once for all.
const char* const kSuperProject = R"(cmake_minimum_required(VERSION 3.25)
project(every_plugin LANGUAGES CXX)
find_package(Sift REQUIRED)
sift_share_plugin_headers()
file(GLOB lists examples/custom_*/CMakeLists.txt my_*/CMakeLists.txt)
foreach(list IN LISTS lists)
  get_filename_component(folder "${list}" DIRECTORY)
  get_filename_component(name "${folder}" NAME)
  add_subdirectory("${folder}" "${CMAKE_SOURCE_DIR}/${name}/build")
endforeach()
)";

struct Trained {
  Json log;
  std::string weights;
  std::string err;
  /// The figure of the first entry that has it.
  double first(const std::string& key) const {
    for (const Json& entry : log) {
      if (entry.contains(key)) return entry.at(key).get<double>();
    }
    ADD_FAILURE() << "no '" << key << "' in the log";
    return 0.0;
  }
};

class Sdk : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    researcher_ = std::make_unique<test::Researcher>();
    std::string lines = "cmake --install build --prefix ~/sift\n";
    for (const std::string& kind : kKinds) lines += "sift new-plugin " + kind + " my_" + kind + "\n";
    lines += "cmake -S . -B every -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH=$HOME/sift\n";
    lines += "cmake --build every --parallel 2\n";
    researcher_->home().write("CMakeLists.txt", kSuperProject);
    const auto built = researcher_->shell(lines);
    ASSERT_EQ(built.status, 0) << built.out << built.err;
    // the program itself loads all of it
    plain_ = std::make_unique<Trained>(train("", ""));
  }
  static void TearDownTestSuite() {
    plain_.reset();
    researcher_.reset();
  }

  /// Two steps, each logged and evaluated, with `toml` at the end of the configuration; sift is started in
  /// `folder`.
  static Trained train(const std::string& folder, const std::string& toml, const std::string& settings = {}) {
    const test::SmallRun run;
    const auto result = researcher_->shell(
        "cd ./" + folder + "\nsift train " + run.write_config(toml) +
        " --set train.max_steps=2 --set train.logging_steps=1 --set train.eval_strategy=steps"
        " --set train.eval_steps=1" +
        settings);
    EXPECT_EQ(result.status, 0) << result.err;
    if (result.status != 0) return {};
    return {test::log_of(run.output_dir()), test::weights_of(run.output_dir()), result.err};
  }

  /// With the plugin of an example.
  static Trained train_example(const std::string& name, const std::string& toml,
                               const std::string& settings = {}) {
    return train(name, toml + "[plugins]\npaths = [\"build/" + name + ".so\"]\n", settings);
  }

  /// With what the README of a new plugin says.
  static Trained train_new(const std::string& kind, const std::string& settings = {}) {
    const std::string name = "my_" + kind;
    const std::string readme = test::read_file(researcher_->home() / name / "README.md");
    EXPECT_THAT(readme, HasSubstr("-DCMAKE_PREFIX_PATH=" + (researcher_->home() / "sift").string()));
    const std::string fence = "```toml\n";
    const std::size_t begin = readme.find(fence) + fence.size();
    const std::string toml = readme.substr(begin, readme.find("```", begin) - begin);
    EXPECT_THAT(toml, HasSubstr("plugin = \"" + name + "\""));
    return train(name, toml, settings);
  }

  static void expect_no_difference(const Trained& with) {
    EXPECT_EQ(with.log, plain_->log);
    EXPECT_TRUE(with.weights == plain_->weights);
  }

  static std::unique_ptr<test::Researcher> researcher_;
  static std::unique_ptr<Trained> plain_;  ///< without any plugin of the SDK
};
std::unique_ptr<test::Researcher> Sdk::researcher_;
std::unique_ptr<Trained> Sdk::plain_;

TEST_F(Sdk, ExampleLossIsAnother) {
  const Trained focal = train_example("custom_loss", "[loss]\nplugin = \"focal\"\n");
  EXPECT_LT(focal.first("loss"), 0.999 * plain_->first("loss"));
  EXPECT_FALSE(focal.weights == plain_->weights);
}

TEST_F(Sdk, ExampleLossOfLogitsFeedsTheMetrics) {
  const std::string toml = "[loss]\nplugin = \"label_smoothing\"\n";
  const Trained smoothed = train_example("custom_logits_loss", toml + "epsilon = 0.5\n");
  EXPECT_GT(std::abs(smoothed.first("loss") - plain_->first("loss")), 1e-4);
  EXPECT_FALSE(smoothed.weights == plain_->weights);
  // of the weights as they were before the first step
  for (const char* key : {"mean_token_accuracy", "entropy"})
    EXPECT_NEAR(smoothed.first(key), plain_->first(key), 1e-5) << key;
  EXPECT_GT(smoothed.first("eval_entropy"), 0.0);
  const Trained nll = train_example("custom_logits_loss", toml + "epsilon = 0.0\n");
  EXPECT_NEAR(nll.first("loss"), plain_->first("loss"), 1e-5);
  EXPECT_NEAR(nll.first("grad_norm"), plain_->first("grad_norm"), 1e-4 * plain_->first("grad_norm"));
}

TEST_F(Sdk, ExampleMetricIsInTheLog) {
  const Trained trained = train_example("custom_metric", "[[metrics]]\nplugin = \"hard_tokens\"\n");
  for (const char* key : {"hard_tokens", "eval_hard_tokens"}) {
    EXPECT_GT(trained.first(key), 0.0);
    EXPECT_LE(trained.first(key), 1.0);
  }
  EXPECT_TRUE(trained.weights == plain_->weights);
}

TEST_F(Sdk, ExampleCallbackChangesTheLearningRate) {
  // the first step leaps so far that the evaluation after it is worse than the one before
  const Trained trained = train_example(
      "custom_callback", "[[callbacks]]\nplugin = \"plateau\"\nfactor = 0.25\n",
      " --set train.learning_rate=8 --set train.lr_scheduler_type=constant --set train.eval_on_start=true");
  std::vector<double> rates;
  for (const Json& entry : trained.log) {
    if (entry.contains("learning_rate")) rates.push_back(entry.at("learning_rate").get<double>());
  }
  EXPECT_EQ(rates, (std::vector<double>{8.0, 2.0}));
  EXPECT_THAT(trained.err, HasSubstr("plateau: the learning rate is now the schedule's times 0.25"));
}

TEST_F(Sdk, ExampleCallbackAveragesTheWeightsAndAsksTheModel) {
  const test::SmallRun run;
  const std::string config = run.write_config(
      "[[callbacks]]\nplugin = \"my_ema\"\nprompt = \"Hello\"\n"
      "[plugins]\npaths = [\"build/custom_callback_ema.so\"]\n");
  const auto train = [&](const std::string& settings) {
    const auto result =
        researcher_->shell("cd custom_callback_ema\nsift train " + config + " " + settings +
                           " --set train.max_steps=4 --set train.eval_strategy=steps"
                           " --set train.eval_steps=2 --set callbacks.checkpoint.save_steps=2");
    EXPECT_EQ(result.status, 0) << result.err;
    return result.err;
  };
  const auto average = [&] { return test::read_file(run.output_dir() / "my_ema/model.safetensors"); };
  EXPECT_THAT(train("--set callbacks.my_ema.decay=0"), HasSubstr("my_ema: Hello -> "));
  EXPECT_TRUE(average() == test::weights_of(run.output_dir())) << "without memory it is the last weight";
  EXPECT_TRUE(fs::exists(run.output_dir() / "my_ema/tokenizer.json"));

  train("--overwrite --set callbacks.my_ema.decay=0.5");
  const std::string whole = average();
  EXPECT_FALSE(whole == test::weights_of(run.output_dir()));
  fs::remove_all(run.output_dir() / "checkpoint-4");
  fs::remove_all(run.output_dir() / "my_ema");
  train("--resume --set callbacks.my_ema.decay=0.5");
  EXPECT_TRUE(average() == whole) << "the average is part of a checkpoint";
}

TEST_F(Sdk, ExampleOptimizerIsSgd) {
  const auto momentum = [](const char* value) {
    return train_example(
        "custom_optimizer", "",
        std::string(" --set train.optim=sgd_momentum --set 'train.optim_args={momentum = ") + value + "}'");
  };
  const Trained without = momentum("0.0"), with = momentum("0.9");
  EXPECT_EQ(without.first("loss"), plain_->first("loss"));
  EXPECT_FALSE(without.weights == plain_->weights);
  EXPECT_FALSE(without.weights == with.weights);
  // the plugin that `sift new-plugin optimizer` writes is SGD, too
  const Trained own = train("my_optimizer", "[plugins]\npaths = [\"build/my_optimizer.so\"]\n",
                            " --set train.optim=my_optimizer --set 'train.optim_args={scale = 1.0}'");
  EXPECT_TRUE(own.weights == without.weights);
}

TEST_F(Sdk, ExampleMemoryStrategyChangesNothing) {
  expect_no_difference(train_example("custom_memory", "[[memory]]\nplugin = \"recompute\"\n"));
}

TEST_F(Sdk, NewLossIsScaledNll) {
  expect_no_difference(train_new("loss"));
  const Trained twice = train_new("loss", " --set loss.scale=2");
  EXPECT_NEAR(twice.first("loss"), 2 * plain_->first("loss"), 1e-6);
}

TEST_F(Sdk, NewMetricIsInTheLog) {
  const Trained trained = train_new("metric");
  for (const char* key : {"my_metric", "eval_my_metric"}) {
    EXPECT_GT(trained.first(key), 0.0);
    EXPECT_LT(trained.first(key), 1.0);
  }
}

TEST_F(Sdk, NewCallbackSaysHowFarTheRunIs) {
  const Trained trained = train_new("callback", " --set callbacks.my_callback.every=2");
  EXPECT_THAT(trained.err, HasSubstr("my_callback: step 2 is done"));
  EXPECT_THAT(trained.err, testing::Not(HasSubstr("my_callback: step 1 is done")));
}

TEST_F(Sdk, NewMemoryStrategyChangesNothing) {
  expect_no_difference(train_new("memory"));
}

}  // namespace
}  // namespace sift
