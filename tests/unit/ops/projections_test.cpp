#include "ops/projections.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <memory>
#include <utility>

#include <sift/saved_tensors.h>
#include "support/live_memory.h"

namespace sift {
namespace {

using torch::autograd::variable_list;

void expect_equal_to_linear(bool with_biases, bool x_needs_grad) {
  at::manual_seed(5);
  const auto random = [](at::IntArrayRef sizes) { return at::randn(sizes, at::kDouble); };
  const at::Tensor x = random({7, 5}).requires_grad_(x_needs_grad);
  variable_list weights, biases, found_inputs, upstream;
  if (x_needs_grad) found_inputs.push_back(x);
  for (const std::int64_t out : {6, 2, 3}) {
    weights.push_back(random({out, 5}).requires_grad_());
    found_inputs.push_back(weights.back());
    if (with_biases) biases.push_back(random({out}).requires_grad_());
    if (with_biases) found_inputs.push_back(biases.back());
    upstream.push_back(random({7, out}));
  }
  const variable_list found = projections(ProjectionInput::given(x), weights, biases);
  variable_list expected;
  for (std::size_t i = 0; i < 3; ++i) {
    expected.push_back(with_biases ? at::linear(x, weights[i], biases[i]) : at::linear(x, weights[i]));
    EXPECT_TRUE(at::allclose(found[i], expected[i], 1e-12, 1e-12));
  }
  const auto found_grads = torch::autograd::grad(found, found_inputs, upstream);
  const auto expected_grads = torch::autograd::grad(expected, found_inputs, upstream);
  for (std::size_t i = 0; i < found_inputs.size(); ++i) {
    EXPECT_TRUE(at::allclose(found_grads[i], expected_grads[i], 1e-12, 1e-12)) << i;
  }
}

TEST(Projections, EqualLinear) {
  for (const bool with_biases : {false, true}) {
    for (const bool x_needs_grad : {false, true}) expect_equal_to_linear(with_biases, x_needs_grad);
  }
}

TEST(Projections, AnOutputThatIsNotUsedHasNoGradient) {
  const at::Tensor x = at::randn({4, 3}).requires_grad_(), w = at::randn({2, 3}).requires_grad_(),
                   unused = at::randn({2, 3}).requires_grad_();
  const variable_list outs = projections(ProjectionInput::given(x), {w, unused}, {});
  const auto grads = torch::autograd::grad({outs[0].sum()}, {x, w, unused}, {}, {}, false, true);
  EXPECT_TRUE(grads[0].defined() && grads[1].defined());
  EXPECT_FALSE(grads[2].defined());
}

TEST(Projections, AddToAGradientThatIsThere) {
  at::manual_seed(9);
  const at::Tensor x = at::randn({7, 5}, at::kDouble), w = at::randn({3, 5}, at::kDouble).requires_grad_();
  const auto loss = [&] { return projections(ProjectionInput::given(x), {w}, {})[0].square().sum(); };
  const at::Tensor once = torch::autograd::grad({loss()}, {w})[0];
  loss().backward();
  const void* const place = w.grad().data_ptr();
  loss().backward();
  EXPECT_EQ(w.grad().data_ptr(), place);
  EXPECT_TRUE(at::allclose(w.grad(), 2 * once, 1e-12, 1e-12));
  // who asks for a gradient gets it, and w.grad() is left alone
  EXPECT_TRUE(at::allclose(torch::autograd::grad({loss()}, {w})[0], once, 1e-12, 1e-12));
  EXPECT_TRUE(at::allclose(w.grad(), 2 * once, 1e-12, 1e-12));
}

TEST(Projections, AddToItWhereAMemoryStrategyKeepsWhatIsSaved) {
  struct Keeps final : SavedTensorHook {
    struct Kept final : PackedTensor {
      explicit Kept(at::Tensor of) : tensor(std::move(of)) {}
      at::Tensor unpack() override { return tensor; }
      at::Tensor tensor;
    };
    std::unique_ptr<PackedTensor> pack(const at::Tensor& tensor) override {
      return std::make_unique<Kept>(tensor.detach());
    }
  };
  at::manual_seed(9);
  const at::Tensor x = at::randn({70, 50}), plain = at::randn({30, 50}).requires_grad_(),
                   kept = plain.detach().clone().requires_grad_();
  for (int micro_batch = 0; micro_batch < 3; ++micro_batch) {
    projections(ProjectionInput::given(x), {plain}, {})[0].square().sum().backward();
    const SavedTensorScope scope(std::make_shared<Keeps>());
    projections(ProjectionInput::given(x), {kept}, {})[0].square().sum().backward();
  }
  EXPECT_TRUE(at::equal(kept.grad(), plain.grad()));  // to the bit
}

void expect_equal_to_steps(const ProjectionInput& input, const at::Tensor& made, variable_list inputs) {
  at::manual_seed(6);
  const at::Tensor w = at::randn({4, made.size(1)}, at::kDouble).requires_grad_();
  const at::Tensor other = at::randn({2, made.size(1)}, at::kDouble).requires_grad_();
  inputs.insert(inputs.end(), {w, other});
  const variable_list found = projections(input, {w, other}, {});
  const variable_list expected = {at::linear(made, w), at::linear(made, other)};
  const variable_list upstream = {at::randn_like(expected[0]), at::randn_like(expected[1])};
  const auto found_grads = torch::autograd::grad(found, inputs, upstream);
  const auto expected_grads = torch::autograd::grad(expected, inputs, upstream);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_TRUE(at::allclose(found[i], expected[i], 1e-12, 1e-12)) << i;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_TRUE(at::allclose(found_grads[i], expected_grads[i], 1e-11, 1e-11)) << "gradient " << i;
  }
}

TEST(Projections, OfAnInputThatIsMadeHereEqualTheSteps) {
  at::manual_seed(5);
  const auto random = [](at::IntArrayRef sizes) { return at::randn(sizes, at::kDouble).requires_grad_(); };
  const at::Tensor a = random({7, 6}), b = random({7, 6}), weight = random({6});
  for (const NormWeight kind : {NormWeight::kScale, NormWeight::kOffset}) {
    const at::Tensor factor = kind == NormWeight::kOffset ? weight + 1.0 : weight;
    const at::Tensor normed = a * (a.square().mean(-1, true) + 1e-3).rsqrt() * factor;
    expect_equal_to_steps(ProjectionInput::normed(a, weight, 1e-3, kind), normed, {a, weight});
  }
  expect_equal_to_steps(ProjectionInput::gated(a, b, Activation::kSilu), at::silu(a) * b, {a, b});
  expect_equal_to_steps(ProjectionInput::gated(a, b, Activation::kGeluTanh), at::gelu(a, "tanh") * b, {a, b});
  expect_equal_to_steps(ProjectionInput::normed(a, {}, 1e-3, NormWeight::kScale), a, {a});
}

// Float32: what stays until backward is a, not the norm of it.
TEST(Projections, DoNotKeepAnInputThatIsMadeHere) {
  const at::Tensor a = at::randn({512, 256}).requires_grad_(), weight = at::ones({256}).requires_grad_(),
                   w = at::randn({8, 256}).requires_grad_();
  const test::LiveMemory memory;
  const variable_list outs =
      projections(ProjectionInput::normed(a, weight, 1e-6, NormWeight::kScale), {w}, {});
  EXPECT_LT(memory.bytes(), std::int64_t{512} * 256 * 4 / 2);
}

}  // namespace
}  // namespace sift
