#include <gmock/gmock.h>

#include "memory_test_support.h"
#include "support/live_memory.h"
#include "support/unnamed_files.h"

namespace sift {
namespace {

using test::documents_of;
using test::MemoryRun;
using test::Strategy;

/// Strategies that must not change anything, by a name for the test.
struct Case {
  std::string name;
  std::vector<Strategy> strategies;
};

Strategy checkpointing(std::int64_t every = 1, bool selective = false) {
  return {"gradient_checkpointing", {{"every_n_layers", every}, {"selective", selective}}};
}
Strategy offload() {
  return {"activation_offload", {{"target", std::string("disk")}, {"min_bytes", std::int64_t{1}}}};
}

std::vector<Case> cases() {
  return {{"checkpointing", {checkpointing()}},
          {"every_second", {checkpointing(2)}},
          {"every_third_selective", {checkpointing(3, true)}},
          {"selective", {checkpointing(1, true)}},
          {"offload", {offload()}},
          {"checkpointing_offload", {checkpointing(), offload()}},
          {"offload_checkpointing", {offload(), checkpointing()}},
          {"selective_offload", {checkpointing(1, true), offload()}},
          {"offload_selective", {offload(), checkpointing(1, true)}},
          {"nested", {checkpointing(), checkpointing()}},
          {"selective_in_plain", {checkpointing(), checkpointing(2, true)}},
          {"plain_in_selective", {checkpointing(1, true), offload(), checkpointing()}}};
}

class MemoryStrategies : public testing::TestWithParam<Case> {};

void expect_the_same_bits(const std::vector<Strategy>& strategies, const nlohmann::ordered_json& family) {
  for (const bool bf16 : {false, true}) {
    MemoryRun plain({}, family);
    MemoryRun tested(strategies, family);
    for (const std::int64_t num_documents : {1, 3}) {
      // two micro-batches add up
      for (const std::int64_t length : {9, 40}) {
        const Batch batch = documents_of(num_documents, length);
        EXPECT_TRUE(at::equal(plain.micro_batch(batch, bf16), tested.micro_batch(batch, bf16)));
      }
      EXPECT_TRUE(test::same_bits(plain.take_gradients(), tested.take_gradients())) << "bf16 " << bf16;
    }
  }
}

TEST_P(MemoryStrategies, LossesAndGradientsAreTheSameBits) {
  expect_the_same_bits(GetParam().strategies, nlohmann::ordered_json::object());
}

// What other families have beside it: attention and gates of another kind, and projections that are views.
TEST_P(MemoryStrategies, LossesAndGradientsOfOtherFamiliesAreTheSameBits) {
  expect_the_same_bits(GetParam().strategies, {{"model_type", "gemma2"},
                                               {"architectures", {"Gemma2ForCausalLM"}},
                                               {"head_dim", 4},
                                               {"sliding_window", 8},
                                               {"pad_token_id", 0}});
  expect_the_same_bits(GetParam().strategies, {{"model_type", "phi3"},
                                               {"architectures", {"Phi3ForCausalLM"}},
                                               {"sliding_window", 8},
                                               {"pad_token_id", 0}});
}

TEST_P(MemoryStrategies, NeedLessMemoryAndLeaveNoneBehind) {
  const Batch batch = documents_of(2, 150);
  const auto peak = [&](const std::vector<Strategy>& strategies) {
    MemoryRun run(strategies);
    run.micro_batch(batch);
    run.take_gradients();
    const test::LiveMemory memory;
    run.micro_batch(batch);
    run.take_gradients();
    EXPECT_EQ(memory.bytes(), 0);
    return memory.peak_bytes();
  };
  EXPECT_LT(static_cast<double>(peak(GetParam().strategies)), 0.9 * static_cast<double>(peak({})));
}

TEST(MemoryStrategiesTogether, LeakNothingOverAThousandMicroBatches) {
  const auto folder = std::filesystem::temp_directory_path();
  for (const auto& strategies : {std::vector{checkpointing()}, std::vector{offload()},
                                 std::vector{checkpointing(1, true), offload()}}) {
    MemoryRun run(strategies);
    const Batch batch = documents_of(1, 6);
    run.micro_batch(batch);
    const test::OpenFiles before = test::open_files(folder);
    const test::LiveMemory memory;
    for (int step = 0; step < 1000; ++step) run.micro_batch(batch);
    EXPECT_EQ(memory.bytes(), 0);
    const test::OpenFiles after = test::open_files(folder);
    EXPECT_EQ(after.count, before.count);
    EXPECT_EQ(after.unnamed_bytes, 0);
  }
}

// A step may end at any layer, in forward and in backward; the next one is as if it had not been.
TEST_P(MemoryStrategies, AnExceptionInAStepLeavesTheNextOneRight) {
  const Batch batch = documents_of(2, 9);
  MemoryRun plain({});
  plain.micro_batch(batch);
  const auto expected = plain.take_gradients();

  MemoryRun run(GetParam().strategies);
  const auto folder = std::filesystem::temp_directory_path();
  for (int last_call = 0; last_call < 8; ++last_call) {
    int calls = 0;
    run.on_layer = [&](std::int64_t) {
      if (calls++ == last_call) throw Error("a layer gives up");
    };
    try {
      run.micro_batch(batch);
    } catch (const std::exception& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("a layer gives up"));
    }
    run.on_layer = {};
    run.take_gradients();
    EXPECT_EQ(test::open_files(folder).unnamed_bytes, 0);
    run.micro_batch(batch);
    EXPECT_TRUE(test::same_bits(run.take_gradients(), expected)) << last_call;
  }

  run.before_backward = [](const at::Tensor& loss) {
    loss.register_hook([](const at::Tensor&) { throw Error("backward gives up"); });
  };
  EXPECT_ANY_THROW(run.micro_batch(batch));
  run.before_backward = {};
  run.take_gradients();
  run.micro_batch(batch);
  EXPECT_TRUE(test::same_bits(run.take_gradients(), expected));
}

INSTANTIATE_TEST_SUITE_P(All, MemoryStrategies, testing::ValuesIn(cases()),
                         [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace sift
