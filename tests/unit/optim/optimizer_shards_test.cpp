#include "optim/optimizer_shards.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sift/error.h>
#include "formats/safetensors.h"
#include "support/adamw.h"
#include "support/small_run.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

using test::error_of;
using testing::HasSubstr;

// Without weight decay for the norm: it is parameter 1.
std::vector<Parameter> norm_and_weight() {
  return {{"norm.weight", at::full({3}, 1.0).requires_grad_()},
          {"a.weight", at::full({4, 50}, 2.0).requires_grad_()}};
}

at::Tensor numbers() {
  return at::arange(200, at::kFloat).view({4, 50});
}

/// The state of a.weight in two files; the norm was never updated.
void write_shards_into(const test::TempFolder& folder) {
  write_safetensors(folder / optimizer_shard_name(0, 2),
                    {{"0/exp_avg", numbers()}, {"0/step", at::full({}, 7.0F)}}, {});
  write_safetensors(folder / optimizer_shard_name(1, 2), {{"0/exp_avg_sq", numbers() + 1}}, {});
}

std::map<std::string, at::Tensor> state_of(const Optimizer& optimizer, std::size_t group) {
  std::map<std::string, at::Tensor> state;
  for (const auto& [name, tensor] : optimizer.parameter_state(group, 0)) state[name] = tensor;
  return state;
}

TEST(OptimizerShards, AreReadFromAllFiles) {
  const test::TempFolder folder;
  write_shards_into(folder);
  const auto optimizer = test::adamw(norm_and_weight());
  read_optimizer_shards(folder.path(), *optimizer);
  const auto weight = state_of(*optimizer, 0), norm = state_of(*optimizer, 1);
  EXPECT_TRUE(weight.at("exp_avg").equal(numbers()));
  EXPECT_TRUE(weight.at("exp_avg_sq").equal(numbers() + 1));
  EXPECT_EQ(weight.at("step").item<double>(), 7);
  EXPECT_EQ(norm.at("step").item<double>(), 0);
}

TEST(OptimizerShards, AreReadIntoASlice) {
  const test::TempFolder folder;
  write_shards_into(folder);
  const auto optimizer = test::adamw({{"a.weight", at::full({64}, 2.0).requires_grad_()}});
  read_optimizer_shards(folder.path(), *optimizer, {{"a.weight", {{4, 50}, 128}}});
  EXPECT_TRUE(state_of(*optimizer, 0).at("exp_avg").equal(numbers().view({-1}).slice(0, 128, 192)));
}

TEST(OptimizerShards, OfAnotherModelOrOptimizerAreRefused) {
  const test::TempFolder folder;
  write_shards_into(folder);
  const auto other = test::adamw({{"a.weight", at::ones({5, 40}).requires_grad_()}});
  EXPECT_THAT(
      error_of([&] { read_optimizer_shards(folder.path(), *other); }),
      HasSubstr("tensor '0/exp_avg' of the optimizer, of a.weight: has shape [4, 50], expected [5, 40]"));
  std::filesystem::remove(folder / optimizer_shard_name(1, 2));
  const auto optimizer = test::adamw(norm_and_weight());
  EXPECT_THAT(
      error_of([&] { read_optimizer_shards(folder.path(), *optimizer); }),
      HasSubstr("tensor '0/exp_avg_sq' of the optimizer, of a.weight: missing; it is the state of another"));
}

}  // namespace
}  // namespace sift
