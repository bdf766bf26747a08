#include <sift/adamw.h>

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "ops/plain.h"

namespace sift {
namespace {

/// Parameters of one number, of a few, of several blocks and of a matrix, with two steps behind them.
AdamWTensors some_tensors() {
  at::manual_seed(1);
  AdamWTensors tensors;
  for (const auto& sizes :
       std::vector<std::vector<std::int64_t>>{{1}, {13}, {32768}, {100'003}, {300, 511}}) {
    tensors.weights.push_back(at::randn(sizes));
    tensors.grads.push_back(at::randn(sizes));
    tensors.exp_avgs.push_back(at::randn(sizes));
    tensors.exp_avg_sqs.push_back(at::rand(sizes));
    tensors.steps.push_back(at::full({}, 3.0F));
  }
  return tensors;
}

constexpr AdamWOptions kOptions{1e-2, 0.9, 0.999, 0.1, 1e-8};

void expect_same(const std::vector<at::Tensor>& found, const std::vector<at::Tensor>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_TRUE(at::equal(found[i], expected[i])) << i << ", " << (found[i] - expected[i]).abs().max();
  }
}

// One thread of LibTorch's has the numbers in the order in which the blocks have them.
class AdamWBlocks : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { at::set_num_threads(1); }
  void TearDown() override { at::set_num_threads(threads_); }

 private:
  int threads_ = at::get_num_threads();
};

TEST_P(AdamWBlocks, AreClippingThenAdamWToTheBit) {
  AdamWTensors found = some_tensors(), expected = some_tensors();
  const at::Tensor scale = at::full({}, 0.37F);
  plain::adamw_update(expected.weights, expected.grads, expected.exp_avgs, expected.exp_avg_sqs,
                      expected.steps, scale, {}, kOptions.learning_rate, kOptions.beta1, kOptions.beta2,
                      kOptions.weight_decay, kOptions.epsilon);
  at::set_num_threads(GetParam());
  for (at::Tensor& step : found.steps) step -= 1;  // the update counts itself
  adamw_update(found, scale, {}, kOptions);
  expect_same(found.steps, expected.steps);
  expect_same(found.weights, expected.weights);
  expect_same(found.exp_avgs, expected.exp_avgs);
  expect_same(found.exp_avg_sqs, expected.exp_avg_sqs);
  expect_same(found.grads, some_tensors().grads);
}

INSTANTIATE_TEST_SUITE_P(Threads, AdamWBlocks, testing::Values(1, 2, 3));

}  // namespace
}  // namespace sift
