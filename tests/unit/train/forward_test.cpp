#include "train/forward.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/context_groups.h"
#include "support/own_components.h"
#include "support/tiny_model.h"

namespace sift {
namespace {

ModelConfig golden_config(const std::string& golden) {
  std::ifstream file(std::filesystem::path(SIFT_FIXTURES) / "decoder" / (golden + ".json"));
  return ModelConfig::from_json(nlohmann::ordered_json::parse(file)["config"], golden);
}

LossOutput nll_or_nothing(const LossInput& input) {
  return input.batch.num_scored() == 0 ? nothing_scored(input) : test::nll(input);
}

struct Gradients {
  at::Tensor loss, aux_loss;
  std::vector<at::Tensor> gradients;
};

Gradients gradients_of(const ModelConfig& config, const Batch& batch, Parallel& parallel) {
  test::Events events;
  test::OwnComponents components(events, nll_or_nothing);
  const Decoder model = Decoder::random(config, 1, at::kFloat, at::kCPU);
  const ForwardOutput output =
      forward(model, components.get(), parallel, batch, {.num_items = batch.num_scored()});
  output.loss.backward();
  Gradients result{output.loss.detach(), output.aux_loss, {}};
  for (const Parameter& parameter : model.parameters()) {
    EXPECT_TRUE(parameter.tensor.grad().defined()) << parameter.name;
    result.gradients.push_back(parameter.tensor.grad());
  }
  return result;
}

/// The sum over all processes.
at::Tensor over_processes(const at::Tensor& x, Parallel& parallel) {
  return parallel.gathered(x.flatten().contiguous()).sum(0).view(x.sizes());
}

void expect_sum_of_parts(const ModelConfig& config, const Batch& batch, std::int64_t size) {
  SingleProcess one;
  const Gradients whole = gradients_of(config, batch, one);
  test::run_context(size, [&](test::ContextParallel& parallel) {
    const Gradients own = gradients_of(config, batch, parallel);
    EXPECT_NEAR(over_processes(own.loss, parallel).item<double>(), whole.loss.item<double>(),
                2e-6 * whole.loss.item<double>());
    if (whole.aux_loss.defined()) {
      EXPECT_NEAR(own.aux_loss.item<double>(), whole.aux_loss.item<double>(), 2e-6);
    }
    for (std::size_t i = 0; i < whole.gradients.size(); ++i) {
      const at::Tensor& expected = whole.gradients[i];
      EXPECT_LE((over_processes(own.gradients[i], parallel) - expected).norm().item<double>(),
                1e-5 * expected.norm().item<double>() + 1e-7)
          << i;
    }
  });
}

class DividedForward : public testing::TestWithParam<const char*> {};

// Some weights get no gradient but zero from a part without tokens, or without scored ones.
TEST_P(DividedForward, GivesTheLossAndGradientsOfTheWhole) {
  const ModelConfig config = golden_config(GetParam());
  expect_sum_of_parts(config,
                      test::make_batch({{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, {3, 1}, {5, 4, 3, 2, 1, 7}}), 2);
  expect_sum_of_parts(config, test::make_batch({{1, 2, 3, 4}}), 3);
  expect_sum_of_parts(config, test::make_batch({{1, 2}}), 3);
}

INSTANTIATE_TEST_SUITE_P(Families, DividedForward,
                         testing::Values("default", "gemma2", "gemma3", "mistral", "mixtral", "olmo2",
                                         "phi3_long", "qwen2_moe", "qwen3", "dynamic_long"),
                         [](const auto& family) { return std::string(family.param); });

}  // namespace
}  // namespace sift
