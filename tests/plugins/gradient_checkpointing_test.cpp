#include <gmock/gmock.h>

#include "memory_test_support.h"

namespace sift {
namespace {

using test::MemoryRun;

class GradientCheckpointingTest : public testing::Test {
 protected:
  void SetUp() override { host_.load_file(test::real_plugin("sift_memory_gradient_checkpointing")); }
  std::unique_ptr<MemoryStrategy> strategy(const test::OptionValues& options) {
    return test::create<MemoryStrategy, MemoryFactory>(host_, Kind::kMemory, "gradient_checkpointing",
                                                       options);
  }
  PluginHost host_;
};

TEST_F(GradientCheckpointingTest, RunsEveryNthLayerASecondTimeInBackward) {
  const auto runs = [](const test::OptionValues& options) {
    MemoryRun run({{"gradient_checkpointing", options}});
    std::vector<std::int64_t> layers;
    run.on_layer = [&](std::int64_t layer) { layers.push_back(layer); };
    run.micro_batch(test::documents_of(2, 5));
    return layers;
  };
  EXPECT_THAT(runs({}), testing::ElementsAre(0, 1, 2, 3, 3, 2, 1, 0));
  EXPECT_THAT(runs({{"every_n_layers", std::int64_t{3}}}), testing::ElementsAre(0, 1, 2, 3, 3, 0));
}

TEST_F(GradientCheckpointingTest, WithoutAutogradALayerJustRuns) {
  const auto checkpointing = strategy({});
  const at::NoGradGuard no_grad;
  int calls = 0;
  const Layer layer{0, 1, [&](const at::Tensor& x) {
                      ++calls;
                      return x * 2;
                    }};
  EXPECT_TRUE(checkpointing->run_layer(layer, at::ones({2, 2})).equal(at::full({2, 2}, 2.0)));
  EXPECT_EQ(calls, 1);
}

TEST_F(GradientCheckpointingTest, DropoutIsTheSameBothTimesAndTheGeneratorGoesOnAsWithout) {
  const Layer layer{0, 1, [](const at::Tensor& x) { return at::dropout(x.exp(), 0.5, true).sin(); }};
  const auto gradient_and_next = [&](MemoryStrategy* checkpointing) {
    at::manual_seed(3);
    const at::Tensor x = at::randn({8, 8}).requires_grad_();
    const at::Tensor y = checkpointing ? checkpointing->run_layer(layer, x) : layer.forward(x);
    at::rand({5});  // the generator has moved on when backward comes
    torch::autograd::backward({y.sum()}, {});
    return std::vector<at::Tensor>{x.grad(), at::rand({4})};
  };
  const auto checkpointing = strategy({});
  EXPECT_TRUE(test::same_bits(gradient_and_next(checkpointing.get()), gradient_and_next(nullptr)));
}

TEST_F(GradientCheckpointingTest, SelectiveComputesAMarkedPartOnce) {
  for (const bool selective : {false, true}) {
    const auto checkpointing = strategy({{"selective", selective}});
    int whole = 0;
    int marked = 0;
    const Layer layer{0, 1, [&](const at::Tensor& x) {
                        ++whole;
                        const at::Tensor a = x.exp();
                        const at::Tensor b = keep_output({a}, [&] {
                          ++marked;
                          return (a.transpose(0, 1) * a).tanh();
                        });
                        return (b.sin() + x).cos();
                      }};
    const at::Tensor x = at::rand({4, 4}).requires_grad_();
    torch::autograd::backward({checkpointing->run_layer(layer, x).sum()}, {});
    const at::Tensor with = x.grad().clone();
    EXPECT_EQ(whole, 2);
    EXPECT_EQ(marked, selective ? 1 : 2);
    x.mutable_grad().reset();
    torch::autograd::backward({layer.forward(x).sum()}, {});
    EXPECT_TRUE(at::equal(with, x.grad()));
  }
}

TEST_F(GradientCheckpointingTest, AGraphThatIsKeptCanRunBackwardTwice) {
  const auto checkpointing = strategy({});
  const Layer layer{0, 1, [](const at::Tensor& x) { return x.exp().sin(); }};
  const at::Tensor x = at::rand({4, 4}).requires_grad_();
  const at::Tensor loss = checkpointing->run_layer(layer, x).sum();
  torch::autograd::backward({loss}, {}, true);
  const at::Tensor once = x.grad().clone();
  torch::autograd::backward({loss}, {});
  EXPECT_TRUE(at::equal(x.grad(), once * 2));
}

TEST_F(GradientCheckpointingTest, ALayerThatDoesLessTheSecondTimeIsNamed) {
  const auto checkpointing = strategy({});
  bool first = true;
  const Layer layer{5, 6,
                    [&](const at::Tensor& x) { return std::exchange(first, false) ? x.exp().sin() : x * 1; }};
  const at::Tensor x = at::rand({2, 2}).requires_grad_();
  const at::Tensor loss = checkpointing->run_layer(layer, x).sum();
  try {
    torch::autograd::backward({loss}, {});
    FAIL() << "nothing was thrown";
  } catch (const std::exception& error) {
    EXPECT_THAT(error.what(),
                testing::HasSubstr("layer 5 saved fewer tensors for backward in its recomputation"));
  }
}

}  // namespace
}  // namespace sift
