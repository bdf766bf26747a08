#include "support/process_runs.h"

#include <ATen/TensorOperators.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "formats/safetensors.h"
#include "support/processes.h"
#include "support/run_folder.h"

namespace sift::test {
namespace {

using Json = nlohmann::json;

const std::set<std::string> kCounts = {"step",
                                       "epoch",
                                       "num_tokens",
                                       "learning_rate",
                                       "mean_token_accuracy",
                                       "eval_mean_token_accuracy",
                                       "eval_num_tokens"};

}  // namespace

Sets joined(Sets first, const Sets& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

void train_alone(const std::string& config, const Sets& sets) {
  const auto result = sift(with_settings({"train", config}, sets), {{"OMP_NUM_THREADS", "1"}});
  ASSERT_EQ(result.status, 0) << result.err;
}

std::string train_together(std::int64_t size, const std::string& config, const Sets& sets,
                           const std::vector<std::string>& more) {
  std::vector<std::string> arguments = with_settings({"train", config}, sets);
  arguments.insert(arguments.end(), more.begin(), more.end());
  const auto results = sift_processes(size, arguments);
  for (const auto& result : results) EXPECT_EQ(result.status, 0) << result.err;
  for (std::size_t rank = 1; rank < results.size(); ++rank) EXPECT_EQ(results[rank].err, "") << rank;
  return results.front().err;
}

void expect_same_log(const Json& found, const Json& expected, const std::set<std::string>& left_out) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(found[i].size(), expected[i].size()) << found[i] << expected[i];
    for (const auto& [key, value] : expected[i].items()) {
      if (left_out.contains(key)) continue;
      ASSERT_TRUE(found[i].contains(key)) << key;
      const double right = value.get<double>();
      const double tolerance = kCounts.contains(key) ? 0.0 : key == "grad_norm" ? 2e-5 : 2e-6;
      EXPECT_LE(std::abs(found[i][key].get<double>() - right), tolerance * std::abs(right)) << fmt::format(
          "{} at step {}: {} instead of {}", key, expected[i]["step"].dump(), found[i][key].dump(), right);
    }
  }
}

std::map<std::string, at::Tensor> tensors_of(const std::filesystem::path& folder) {
  std::map<std::string, at::Tensor> tensors;
  if (std::filesystem::exists(folder / "adapter_model.safetensors")) {
    const SafetensorsFile file(folder / "adapter_model.safetensors");
    for (const std::string& name : file.names()) tensors[name] = file.tensor(name);
    return tensors;
  }
  const ModelTensors weights(folder);
  for (const std::string& name : weights.names()) tensors[name] = weights.tensor(name);
  return tensors;
}

void expect_same_weights(const std::filesystem::path& found, const std::filesystem::path& expected) {
  const auto ours = tensors_of(found), theirs = tensors_of(expected);
  ASSERT_EQ(ours.size(), theirs.size());
  for (const auto& [name, tensor] : theirs) {
    const at::Tensor difference = ours.at(name) - tensor;
    EXPECT_LE(difference.norm().item<double>(), 1e-4 * tensor.norm().item<double>()) << name;
  }
}

}  // namespace sift::test
