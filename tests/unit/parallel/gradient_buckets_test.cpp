#include "parallel/gradient_buckets.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "parallel/division.h"
#include "support/process_threads.h"

namespace sift {
namespace {

constexpr std::int64_t kProcesses = 3;

std::vector<Parameter> make_parameters(at::ScalarType dtype = at::kFloat) {
  std::vector<Parameter> parameters;
  for (const std::int64_t numel : {5, 7, 3, 11}) {
    const std::string name = "weight" + std::to_string(parameters.size());
    at::Tensor weight = at::linspace(-1, 1, numel, at::TensorOptions().dtype(dtype));
    parameters.push_back({name, weight.set_requires_grad(true)});
  }
  return parameters;
}

/// A loss whose gradients differ between processes and weights; without the weights of `left_out`.
at::Tensor loss_of(const std::vector<Parameter>& parameters, std::int64_t rank, std::size_t left_out = 99) {
  at::Tensor loss = at::zeros({});
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (i == left_out) continue;
    const at::Tensor weight = parameters[i].tensor.to(at::kFloat);
    loss = loss + (weight * weight).sum() * static_cast<double>(rank + 1) * 0.3 * static_cast<double>(i + 1);
  }
  return loss;
}

/// The sums over processes, in the order of the ranks, of what one process has.
std::vector<at::Tensor> expected(
    const std::function<at::Tensor(const std::vector<Parameter>&, std::int64_t)>& loss) {
  std::vector<at::Tensor> sums;
  for (std::int64_t rank = 0; rank < kProcesses; ++rank) {
    const std::vector<Parameter> parameters = make_parameters();
    loss(parameters, rank).backward();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const at::Tensor& gradient = parameters[i].tensor.grad();
      if (rank == 0) sums.push_back(gradient.clone());
      if (rank > 0) sums[i].add_(gradient);
    }
  }
  return sums;
}

void expect_equal(const std::vector<Parameter>& parameters, const std::vector<at::Tensor>& gradients) {
  for (std::size_t i = 0; i < parameters.size(); ++i)
    EXPECT_TRUE(at::equal(parameters[i].tensor.grad(), gradients[i])) << i;
}

// From the second step on the buckets are those that the first one found.
TEST(GradientBuckets, SumTheGradientsWhateverTheirBuckets) {
  const auto sums =
      expected([](const auto& parameters, std::int64_t rank) { return loss_of(parameters, rank); });
  for (const std::int64_t bytes : {4, 40, 1 << 20}) {
    test::run_group(kProcesses, [&](ProcessGroup& group) {
      const std::vector<Parameter> parameters = make_parameters();
      GradientBuckets buckets(group, parameters, {.bucket_bytes = bytes});
      for (int step = 0; step < 3; ++step) {
        buckets.begin_backward();
        loss_of(parameters, group.rank()).backward();
        buckets.finish();
        expect_equal(parameters, sums);
        for (const Parameter& parameter : parameters) parameter.tensor.mutable_grad().reset();
      }
    });
  }
}

TEST(GradientBuckets, ReduceOnceAfterSeveralPasses) {
  const auto sums = expected([](const auto& parameters, std::int64_t rank) {
    return loss_of(parameters, rank) + loss_of(parameters, 2 * rank);
  });
  test::run_group(kProcesses, [&](ProcessGroup& group) {
    const std::vector<Parameter> parameters = make_parameters();
    GradientBuckets buckets(group, parameters, {.bucket_bytes = 40});
    loss_of(parameters, group.rank()).backward();
    buckets.begin_backward();
    loss_of(parameters, 2 * group.rank()).backward();
    buckets.finish();
    for (std::size_t i = 0; i < parameters.size(); ++i)
      EXPECT_TRUE(at::allclose(parameters[i].tensor.grad(), sums[i], 1e-6, 0)) << i;
  });
}

TEST(GradientBuckets, AProcessWithoutRowsTakesPartWithZero) {
  test::run_group(kProcesses, [&](ProcessGroup& group) {
    const std::vector<Parameter> parameters = make_parameters();
    GradientBuckets buckets(group, parameters, {.bucket_bytes = 40});
    for (int step = 0; step < 2; ++step) {
      if (group.rank() == 0) {
        buckets.begin_backward();
        loss_of(parameters, 0).backward();
      }
      buckets.finish();
      EXPECT_TRUE(at::equal(parameters[1].tensor.grad(), parameters[1].tensor.detach() * 1.2));
      for (const Parameter& parameter : parameters) parameter.tensor.mutable_grad().reset();
    }
  });
}

TEST(GradientBuckets, AWeightThatOneProcessUsesHasAGradientOnAll) {
  test::run_group(kProcesses, [&](ProcessGroup& group) {
    const std::vector<Parameter> parameters = make_parameters();
    GradientBuckets buckets(group, parameters, {.bucket_bytes = 40});
    for (int step = 0; step < 2; ++step) {
      buckets.begin_backward();
      const auto rank = static_cast<std::size_t>(group.rank());
      loss_of(parameters, 0, rank == 1 ? 99 : 2).backward();  // rank 1 alone uses weight 2
      buckets.finish();
      ASSERT_TRUE(parameters[2].tensor.grad().defined());
      EXPECT_TRUE(at::allclose(parameters[2].tensor.grad(), parameters[2].tensor.detach() * 1.8));
      for (const Parameter& parameter : parameters) parameter.tensor.mutable_grad().reset();
    }
  });
}

TEST(GradientBuckets, AWeightThatNoProcessUsesHasNone) {
  test::run_group(2, [&](ProcessGroup& group) {
    const std::vector<Parameter> parameters = make_parameters();
    GradientBuckets buckets(group, parameters, {.bucket_bytes = 40});
    buckets.begin_backward();
    loss_of(parameters, group.rank(), 1).backward();
    buckets.finish();
    EXPECT_FALSE(parameters[1].tensor.grad().defined());
    EXPECT_TRUE(parameters[0].tensor.grad().defined());
  });
}

std::vector<Parameter> slices_of(const std::vector<Parameter>& parameters, const ProcessGroup& group) {
  std::vector<Parameter> slices;
  for (const Parameter& parameter : parameters)
    slices.push_back({parameter.name, slice_of(parameter.tensor, group.size(), group.rank())});
  return slices;
}

std::vector<Parameter> large_parameters() {
  std::vector<Parameter> parameters;
  for (const std::int64_t numel : {500, 7, 130, 1100})
    parameters.push_back({"weight", at::linspace(-1, 1, numel).set_requires_grad(true)});
  return parameters;
}

/// In `passes` passes, of which the last processes have fewer.
void expect_sums_in_slices(ProcessGroup& group, std::int64_t bytes, std::int64_t passes) {
  const std::vector<Parameter> parameters = large_parameters(), slices = slices_of(parameters, group);
  GradientBuckets sharded(group, parameters, {.bucket_bytes = bytes}, slices);
  for (int step = 0; step < 2; ++step) {
    for (std::int64_t pass = 0; pass < passes; ++pass) {
      sharded.begin_backward();
      if (pass == 0 || group.rank() == 0) loss_of(parameters, group.rank(), 1).backward();
      if (pass + 1 < passes) sharded.reduce();
    }
    sharded.finish();
    EXPECT_FALSE(slices[1].tensor.grad().defined());
    for (const std::size_t i : {0, 2, 3}) {
      EXPECT_FALSE(parameters[i].tensor.grad().defined());
      // by the factors of the processes: 1 in each pass, 2 and 3 in one
      const at::Tensor expected =
          slices[i].tensor * (0.6 * static_cast<double>(i + 1) * static_cast<double>(passes + 5));
      EXPECT_TRUE(at::allclose(slices[i].tensor.grad(), expected, 1e-5, 1e-6)) << i;
      slices[i].tensor.mutable_grad().reset();
    }
  }
}

TEST(GradientBuckets, GiveEachProcessTheSumsOfItsSlices) {
  for (const std::int64_t bytes : {4, 4000, 1 << 20}) {
    for (const std::int64_t passes : {1, 3})
      test::run_group(kProcesses, [&](ProcessGroup& group) { expect_sums_in_slices(group, bytes, passes); });
  }
}

TEST(GradientBuckets, GiveSlicesTheBitsOfWholeGradients) {
  test::run_group(kProcesses, [&](ProcessGroup& group) {
    const std::vector<Parameter> whole = large_parameters(), divided = large_parameters();
    const std::vector<Parameter> slices = slices_of(divided, group);
    GradientBuckets replicas(group, whole, {.bucket_bytes = 3000});
    replicas.begin_backward();
    loss_of(whole, group.rank()).backward();
    replicas.finish();
    GradientBuckets sharded(group, divided, {.bucket_bytes = 3000}, slices);
    sharded.begin_backward();
    loss_of(divided, group.rank()).backward();
    sharded.finish();
    for (std::size_t i = 0; i < whole.size(); ++i) {
      const at::Tensor expected = slice_of(whole[i].tensor.grad(), group.size(), group.rank());
      EXPECT_TRUE(at::equal(slices[i].tensor.grad(), expected)) << i;
    }
  });
}

// 1 + 2^-9 + 2^-9 is 1 in bfloat16, which has 8 bits, if each sum is rounded.
TEST(GradientBuckets, AddBfloat16InFloat32UnlessAskedOtherwise) {
  for (const bool in_float : {true, false}) {
    test::run_group(kProcesses, [&](ProcessGroup& group) {
      const std::vector<Parameter> parameters = {
          {"weight", at::ones({4}, at::kBFloat16).set_requires_grad(true)}};
      const double slope = group.rank() == 0 ? 1.0 : 1.0 / 256;
      GradientBuckets buckets(group, parameters,
                              {.dtype = in_float ? at::kFloat : at::ScalarType::Undefined});
      buckets.begin_backward();
      (parameters[0].tensor * slope).sum().backward();
      buckets.finish();
      EXPECT_EQ(parameters[0].tensor.grad().scalar_type(), at::kBFloat16);
      EXPECT_EQ(parameters[0].tensor.grad()[0].item<double>(), in_float ? 1.0 + 1.0 / 128 : 1.0);
    });
  }
}

}  // namespace
}  // namespace sift
