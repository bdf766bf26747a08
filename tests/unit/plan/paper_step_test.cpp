#include "plan/paper_step.h"

#include <ATen/Functions.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/log_level.h"
#include "optim/parameter_groups.h"
#include "support/live_memory.h"
#include "support/small_run.h"
#include "support/tiny_model.h"
#include "train/agreement.h"
#include "train/parallel_of.h"
#include "train/run.h"
#include "train/train_step.h"
#include "train/weight_requests.h"

namespace sift {
namespace {

const std::vector<std::string> kStrategies = {"replicas", "shard_optimizer", "shard_gradients",
                                              "shard_parameters"};
constexpr std::int64_t kBatches = 8;  // of an epoch

PaperRun paper_of(const Config& config, std::int64_t passes = 1) {
  return {model_plan(config),
          config.model.scalar_type(),
          config.train.freeze,
          config.parallel,
          config.file,
          config.train.gradient_accumulation_steps,
          passes};
}

/// A real run, of rows of a few tokens, in which this process plays one of many.
class PlayedRun : public testing::Test {
 protected:
  Config config(std::int64_t size, const std::string& strategy, std::vector<std::string> sets = {}) {
    std::string rows;
    for (std::int64_t row = 0; row < size * kBatches; ++row) rows += "{\"text\": \"a b\"}\n";
    run_.folder().write("train.jsonl", rows);
    for (const char* set : {"data.eval=[]", "train.save_strategy=no", "train.logging_steps=100",
                            "train.per_device_train_batch_size=1"})
      sets.emplace_back(set);
    sets.push_back("parallel.strategy=" + strategy);
    return load_config(run_.write_config(), {sets}, host_);
  }

  /// What the third step of a run sends.
  static Traffic sent(Config config, std::int64_t rank, std::int64_t size) {
    std::filesystem::create_directories(config.train.output_dir);  // which rank 0 would make
    Traffic of_steps[2];
    for (const int steps : {2, 3}) {
      config.train.max_steps = steps;
      const auto session = ParallelSession::on_paper(rank, size);
      run_training(config, {.overwrite = true}, session.get());
      of_steps[steps - 2] = session->traffic();
    }
    return of_steps[1].since(of_steps[0]);
  }

  void expect_the_traffic_of_paper(const Config& config, std::int64_t rank, std::int64_t size,
                                   std::int64_t passes = 1) {
    SCOPED_TRACE(fmt::format("{}, rank {} of {}", config.parallel.strategy, rank, size));
    Components components(config.components);
    const Traffic paper = play_step(paper_of(config, passes), components, rank, size).traffic;
    const Traffic real = sent(config, rank, size);
    EXPECT_EQ(paper.operations, real.operations);
    EXPECT_EQ(paper.messages, real.messages);
    EXPECT_EQ(paper.rounds, real.rounds);
    EXPECT_EQ(paper.bytes, real.bytes);
  }

  test::SmallRun run_;
  PluginHost host_;
  LogLevelScope quiet_{LogLevel::kNone};
};

/// What a process holds between two steps, and before it zeroes the gradients, counted on the host.
PaperStep held(const Config& config, std::int64_t rank, std::int64_t size) {
  Components components(config.components);
  const ModelPlan plan = model_plan(config);
  const auto session = ParallelSession::on_paper(rank, size);
  const auto parallel = parallel_of_each(config.parallel, config.file, *session);
  const test::LiveMemory memory;
  Decoder model = Decoder::random(plan.config, 1, config.model.scalar_type(), at::kCPU);
  for (const Parameter& parameter : model.parameters()) parallel->adopt(parameter);
  parallel->start(model.parameters());
  const std::vector<Parameter> trainable = model.trainable(), updated = parallel->updated(trainable);
  PaperStep step;
  step.weights = memory.bytes();
  components.make_optimizer({parameter_groups(updated, 0.0)});
  step.optimizer = memory.bytes() - step.weights;
  parallel->begin_update(trainable, 1);
  parallel->begin_pass();
  at::Tensor hidden = at::zeros({1});
  for (std::int64_t layer = 0; layer < plan.config.num_hidden_layers; ++layer) {
    hidden = parallel->run_layer(
        {layer, plan.config.num_hidden_layers,
         [&](const at::Tensor& input) {
           at::Tensor output = input;
           for (const Parameter& parameter : trainable) {
             if (parameter.name.find(fmt::format("layers.{}.", layer)) != std::string::npos)
               output = output + parameter.tensor.sum();
           }
           return output;
         }},
        hidden);
  }
  for (const Parameter& parameter : trainable)
    if (parameter.name.find("layers.") == std::string::npos) hidden = hidden + parameter.tensor.sum();
  hidden.sum().backward();
  hidden.reset();
  parallel->reduce_gradients();
  step.gradients = memory.bytes() - step.weights - step.optimizer;
  return step;
}

/// Before the others: a run puts another allocator in place, whose tensors are not counted.
class PaperMemory : public PlayedRun {};

// The count of updates of some optimizers is on the host whatever the device is.
TEST_F(PaperMemory, IsWhatAProcessHolds) {
  for (const std::string& strategy : kStrategies) {
    for (const char* optim : {"adamw_torch", "lion_32bit", "sgd"}) {
      SCOPED_TRACE(fmt::format("{} {}", strategy, optim));
      const Config of = config(3, strategy, {fmt::format("train.optim={}", optim)});
      Components components(of.components);
      const PaperStep paper = play_step(paper_of(of), components, 1, 3), real = held(of, 1, 3);
      EXPECT_EQ(paper.weights, real.weights);
      EXPECT_NEAR(static_cast<double>(paper.optimizer), static_cast<double>(real.optimizer), 500);
      EXPECT_EQ(paper.gradients, real.gradients);
    }
  }
}

// 1/N of the weights, with the padding of the last slice.
TEST_F(PaperMemory, OfShardsIsAPart) {
  const auto of = [&](const std::string& strategy, std::int64_t size) {
    const Config all = config(8, strategy);
    Components components(all.components);
    return play_step(paper_of(all), components, 0, size);
  };
  const PaperStep alone = of("replicas", 1), replica = of("replicas", 8);
  EXPECT_EQ(alone.traffic, Traffic());
  EXPECT_EQ(alone.gradients, alone.weights);
  EXPECT_EQ(replica.held(), alone.held());
  EXPECT_NEAR(static_cast<double>(of("shard_optimizer", 8).optimizer) / static_cast<double>(alone.optimizer),
              0.125, 0.02);
  EXPECT_NEAR(static_cast<double>(of("shard_gradients", 8).gradients) / static_cast<double>(alone.gradients),
              0.125, 0.02);
  EXPECT_LT(of("shard_parameters", 8).weights, alone.weights);
  // 2 (N - 1) / N of the gradients, and what the processes agree on
  EXPECT_NEAR(static_cast<double>(replica.traffic.bytes), 2.0 * 7 / 8 * static_cast<double>(alone.gradients),
              4000);
}

TEST_F(PlayedRun, SendsWhatPaperSays) {
  for (const std::int64_t size : {2, 3, 8, 64})
    for (const std::string& strategy : kStrategies)
      expect_the_traffic_of_paper(config(size, strategy), 0, size);
}

/// What the second step of TrainStep sends, and what Trainer sends around it.
Traffic sent_in_step(const Config& config, std::int64_t rank, std::int64_t size) {
  Components components(config.components);
  const Decoder model = Decoder::random(model_plan(config).config, 1, at::kFloat, at::kCPU);
  const auto session = ParallelSession::on_paper(rank, size);
  const auto parallel = parallel_of_each(config.parallel, config.file, *session);
  for (const Parameter& parameter : model.parameters()) parallel->adopt(parameter);
  parallel->start(model.parameters());
  TrainStep step(model, components, *parallel, {});
  components.make_optimizer({parameter_groups(parallel->updated(model.trainable()), 0.0)});
  UpdateBatches update;
  update.micro_batches = {test::make_batch({{1, 2, 3}})};
  update.num_scored = 2;
  update.rounds = 1;
  Traffic before;
  for (const int number : {1, 2}) {
    before = session->traffic();
    step.update(step.gradients(update, number), 1e-3);
    step.zero_grad();
  }
  of_main(1e-3, *parallel);
  for (int event = 0; event < 3; ++event) WeightRequests(*parallel).finish_event();
  parallel->gathered(at::zeros({5}, at::kLong));
  return session->traffic().since(before);
}

// A whole run would take long to find that as many configurations are equal.
TEST_F(PlayedRun, OfThousandsSendsWhatPaperSays) {
  constexpr std::int64_t kSize = 4096;
  for (const std::string& strategy : kStrategies) {
    for (const std::int64_t rank : {0, 4095}) {
      SCOPED_TRACE(fmt::format("{}, rank {}", strategy, rank));
      const Config of = config(1, strategy);
      Components components(of.components);
      EXPECT_EQ(play_step(paper_of(of), components, rank, kSize).traffic, sent_in_step(of, rank, kSize));
    }
  }
}

// Broadcasts are sent by some; slices of small weights are empty for the last processes.
TEST_F(PlayedRun, SendsWhatPaperSaysAsAnyProcess) {
  for (const std::int64_t rank : {1, 5, 7}) expect_the_traffic_of_paper(config(8, "replicas"), rank, 8);
  for (const std::int64_t rank : {1, 2}) expect_the_traffic_of_paper(config(3, "shard_gradients"), rank, 3);
}

TEST_F(PlayedRun, SendsWhatPaperSaysWithOtherOptions) {
  for (const std::string& strategy : kStrategies) {
    expect_the_traffic_of_paper(config(3, strategy, {"model.dtype=bfloat16", "parallel.reduce_dtype=auto"}),
                                0, 3);
    expect_the_traffic_of_paper(
        config(3, strategy, {"train.freeze=[\"model.embed_tokens\", \"model.layers.0\"]"}), 0, 3);
    expect_the_traffic_of_paper(config(3, strategy, {"lora.r=4"}), 0, 3);
    expect_the_traffic_of_paper(config(3, strategy, {"train.gradient_accumulation_steps=2"}), 0, 3, 2);
    const auto mixtral = test::SmallRun::model_folder().parent_path() / "mixtral";
    expect_the_traffic_of_paper(config(3, strategy, {"model.path=" + mixtral.string()}), 0, 3);
  }
}

}  // namespace
}  // namespace sift
