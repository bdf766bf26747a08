#include "ops/context_attention.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "ops/context_division.h"
#include "support/context_groups.h"
#include "support/dense_attention.h"
#include "support/live_memory.h"

// Shape suffixes: n tokens, a query heads, k key/value heads, d head_dim.

namespace sift {
namespace {

std::vector<at::Tensor> parts_of(const std::vector<at::Tensor>& whole, const ContextExchange& context) {
  const auto ranges = ContextDivision(whole[0].size(0), context.size()).ranges(context.rank());
  std::vector<at::Tensor> parts;
  for (const at::Tensor& x : whole)
    parts.push_back(
        at::cat({x.slice(0, ranges[0].begin, ranges[0].end), x.slice(0, ranges[1].begin, ranges[1].end)})
            .detach());
  return parts;
}

struct WholeInputs {
  std::vector<at::Tensor> inputs;  ///< of all tokens
  at::Tensor upstream;
};

WholeInputs whole_inputs(std::int64_t tokens, at::ScalarType dtype) {
  at::manual_seed(3);
  const auto random = [&](std::int64_t heads) {
    return at::randn({tokens, heads, 8}, at::kDouble).to(dtype);
  };
  return {{random(4), random(2), random(2)}, random(4).flatten(1)};
}

double largest(const at::Tensor& x) {
  return x.numel() == 0 ? 0.0 : x.abs().max().item<double>();
}

struct DenseCase {
  std::vector<std::int64_t> starts;
  AttentionOptions options;
  WholeInputs whole;
  double tolerance;
  std::vector<at::Tensor> expected;  ///< the result and the gradients, in double
};

DenseCase dense_case(const std::vector<std::int64_t>& starts, const AttentionOptions& options,
                     at::ScalarType dtype, double tolerance) {
  DenseCase made{starts, options, whole_inputs(starts.back(), dtype), tolerance, {}};
  std::vector<at::Tensor> wide;
  for (const at::Tensor& x : made.whole.inputs) wide.push_back(x.to(at::kDouble).requires_grad_());
  const at::Tensor out =
      test::dense_attention(wide[0], wide[1], wide[2], starts, options.window, options.softcap);
  made.expected = torch::autograd::grad({out}, wide, {made.whole.upstream.to(at::kDouble)});
  made.expected.insert(made.expected.begin(), out.detach());
  return made;
}

void expect_own_rows(const DenseCase& made, ContextExchange& context) {
  SCOPED_TRACE(testing::PrintToString(made.starts) + " " + std::to_string(made.options.window));
  std::vector<at::Tensor> own = parts_of(made.whole.inputs, context);
  for (at::Tensor& x : own) x.requires_grad_();
  const at::Tensor found = context_attention(own[0], own[1], own[2], {&context, made.starts}, made.options);
  std::vector<at::Tensor> all = torch::autograd::grad({found}, own, parts_of({made.whole.upstream}, context));
  all.insert(all.begin(), found.detach());
  const auto expected = parts_of(made.expected, context);
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_LE(largest(all[i] - expected[i]), (i == 0 ? 1 : 4) * made.tolerance) << i;
}

// bfloat16 takes the way of plain ATen, which is also that of a GPU. Fewer tokens than chunks leave some
// empty.
TEST(ContextAttention, EqualsADenselyMaskedOne) {
  std::vector<DenseCase> cases;
  const std::vector<std::vector<std::int64_t>> documents = {
      {0, 37}, {0, 1, 20, 21, 50}, {0, 3, 6, 9, 12, 15}, {0, 1, 4}, {0, 2}};
  for (const auto& starts : documents) {
    for (const AttentionOptions& options :
         {AttentionOptions{}, AttentionOptions{5, {}, {}}, AttentionOptions{7, {}, {}, 1.5}}) {
      cases.push_back(dense_case(starts, options, at::kFloat, 3e-6));
      cases.push_back(dense_case(starts, options, at::kBFloat16, 0.06));
    }
  }
  test::run_context(3, [&](test::ContextParallel& parallel) {
    for (const DenseCase& one : cases) expect_own_rows(one, *parallel.context());
  });
}

TEST(ContextAttention, KeepsNothingOfOtherProcesses) {
  const std::int64_t tokens = 4000;
  const auto [inputs, upstream] = whole_inputs(tokens, at::kFloat);
  test::run_context(4, [&, inputs = inputs](test::ContextParallel& parallel) {
    ContextExchange& context = *parallel.context();
    std::vector<at::Tensor> own = parts_of(inputs, context);
    for (at::Tensor& x : own) x.requires_grad_();
    // what a thread that communicates is the last to free is counted as kept: that happens now and then
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (int time = 0; time < 10; ++time) {
      const test::LiveMemory memory;
      const at::Tensor out = context_attention(own[0], own[1], own[2], {&context, {0, tokens}}, {});
      least = std::min(least, memory.bytes());
    }
    // the result, as large as the queries, and a number for each query and head
    EXPECT_LT(least, 2 * static_cast<std::int64_t>(own[0].nbytes()));
  });
}

}  // namespace
}  // namespace sift
