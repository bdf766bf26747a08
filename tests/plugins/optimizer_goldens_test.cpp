#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "formats/safetensors.h"
#include "formats/torch_file.h"
#include "optim/optimizer_file.h"
#include "support/optimizers.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const fs::path kFolder = fs::path(SIFT_FIXTURES) / "optimizers";

Json goldens() {
  return Json::parse(std::ifstream(kFolder / "goldens.json"));
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  const Json json = goldens();
  for (const Json& entry : json.at("cases")) names.push_back(entry.at("case"));
  return names;
}

OptionValue option_value(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return value.get<double>();
}

/// The run of a case, step by step, as the script that wrote the goldens made it.
class GoldenRun {
 public:
  explicit GoldenRun(const std::string& name) : tensors_(kFolder / "goldens.safetensors") {
    for (const Json& entry : json_.at("cases")) {
      if (entry.at("case") == name) case_ = entry;
    }
    for (const std::string& key : tensors_.names()) {
      if (!key.starts_with("first.")) continue;
      parameters_.push_back({key.substr(6), tensors_.tensor(key).clone().requires_grad_()});
    }
    // the file is sorted; the groups are filled in the order of the script
    std::ranges::sort(parameters_,
                      [](const auto& a, const auto& b) { return order_of(a.name) < order_of(b.name); });
    OptimizerArgs args;
    for (const auto& [key, value] : case_.at("options").items()) args.emplace_back(key, option_value(value));
    optimizer_ =
        test::optimizer_of(case_.at("optim"), args,
                           {parameter_groups(parameters_, json_.at("weight_decay")), json_.at("betas").at(0),
                            json_.at("betas").at(1), json_.at("eps"), json_.at("warmup_steps"), 0});
  }

  void train() {
    const Json& rates = json_.at("rates");
    for (std::size_t i = 0; i < rates.size(); ++i) {
      for (const Parameter& parameter : parameters_)
        parameter.tensor.mutable_grad() =
            tensors_.tensor("grad." + std::to_string(i) + "." + parameter.name).clone();
      test::whole_step(*optimizer_, rates[i], at::ones({}));
    }
  }

  at::Tensor expected(const std::string& parameter) const {
    return tensors_.tensor(case_.at("case").get<std::string>() + "." + parameter);
  }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  const Optimizer& optimizer() const { return *optimizer_; }
  const Json& json() const { return case_; }

 private:
  using OptimizerArgs = test::OptimizerArgs;
  static int order_of(const std::string& name) {
    return name.find("up_proj") != std::string::npos ? 0 : name.find("embed") != std::string::npos ? 1 : 2;
  }

  Json json_ = goldens(), case_;
  SafetensorsFile tensors_;
  std::vector<Parameter> parameters_;
  std::unique_ptr<Optimizer> optimizer_;
};

class OptimizerGoldens : public testing::TestWithParam<std::string> {};

TEST_P(OptimizerGoldens, WeightsArePythons) {
  GoldenRun run(GetParam());
  run.train();
  // Muon's iterations are in bfloat16, where another order of a sum can change the last of 8 bits
  const bool is_coarse = GetParam().starts_with("muon");
  for (const Parameter& parameter : run.parameters()) {
    const at::Tensor difference = parameter.tensor - run.expected(parameter.name);
    EXPECT_LE(difference.abs().max().item().toDouble(), is_coarse ? 2e-3 : 1e-6) << parameter.name;
  }
}

void expect_form(const PickleValue& ours, const Json& form) {
  if (form.is_object()) {
    for (const auto& [key, value] : form.items()) {
      ASSERT_TRUE(ours.has(key)) << ours.path() << key;
      expect_form(ours.at(key), value);
    }
  } else if (form.is_array()) {
    ASSERT_TRUE(ours.is_tensor()) << ours.path();
    EXPECT_EQ(ours.to_tensor().sizes, form.at(1).get<std::vector<std::int64_t>>()) << ours.path();
    EXPECT_EQ(ours.to_tensor().dtype, form.at(0) == "uint8" ? at::kByte : at::kFloat) << ours.path();
  } else {
    ASSERT_FALSE(ours.is_tensor()) << ours.path();
    EXPECT_EQ(ours.to_int(), 4) << ours.path();  // the step
  }
}

TEST_P(OptimizerGoldens, FileHasTheFormOfPythons) {
  GoldenRun run(GetParam());
  if (!run.json().contains("state")) GTEST_SKIP() << "no optimizer of transformers";
  run.train();
  const test::TempFolder folder;
  write_optimizer_file(folder / "optimizer.pt", OptimizerState::of(run.optimizer()), {0.01, 0.01, 4, false});
  const PickleValue root = TorchFile(folder / "optimizer.pt").root();
  const auto states = root.at("state").by_number();
  const Json& expected = run.json().at("state");
  ASSERT_EQ(states.size(), expected.size());
  for (const auto& [number, state] : states) expect_form(state, expected.at(std::to_string(number)));
  for (const PickleValue& group : root.at("param_groups").items()) {
    for (const Json& key : run.json().at("group_keys")) EXPECT_TRUE(group.has(key.get<std::string>())) << key;
  }
}

INSTANTIATE_TEST_SUITE_P(Reference, OptimizerGoldens, testing::ValuesIn(case_names()),
                         [](const auto& run) { return run.param; });

}  // namespace
}  // namespace sift
