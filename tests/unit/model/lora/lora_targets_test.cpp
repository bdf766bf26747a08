#include "model/lora/lora_targets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include <sift/error.h>

namespace sift {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Names = std::vector<std::string>;

ModelConfig config_of(const std::string& model) {
  return ModelConfig::from_folder(std::filesystem::path(SIFT_FIXTURES) / "parity/models" / model);
}

Names paths(const LoraOptions& options, const std::string& model = "llama") {
  Names names;
  for (const LoraTarget& target : find_lora_targets(options, config_of(model)))
    names.push_back(target.weight.path);
  return names;
}

std::string fault(const LoraOptions& options, const std::string& model = "llama") {
  try {
    find_lora_targets(options, config_of(model));
    find_modules_to_save(options, config_of(model));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

LoraOptions targeting(const Names& modules) {
  LoraOptions options;
  options.target_modules = modules;
  return options;
}

// The rules are PEFT's; tests/adapters/compare_peft.py compares them with the real one.
TEST(LoraTargets, AreThoseOfPeftForTheTypeOfTheModelByDefault) {
  EXPECT_THAT(paths({}), ElementsAre("model.layers.0.self_attn.q_proj", "model.layers.0.self_attn.v_proj",
                                     "model.layers.1.self_attn.q_proj", "model.layers.1.self_attn.v_proj"));
  EXPECT_THAT(fault({}, "olmoe"),
              HasSubstr("no default for a model of type \"olmoe\"; set target_modules = \"all-linear\""));
}

TEST(LoraTargets, MatchTheEndOfAPath) {
  EXPECT_THAT(paths(targeting({"model.layers.0.mlp.up_proj", "o_proj"})),
              ElementsAre("model.layers.0.self_attn.o_proj", "model.layers.0.mlp.up_proj",
                          "model.layers.1.self_attn.o_proj"));
  LoraOptions options;
  options.target_modules_regex = ".*1.*[gu][a-z]+_proj";
  EXPECT_THAT(paths(options), ElementsAre("model.layers.1.mlp.gate_proj", "model.layers.1.mlp.up_proj"));
}

TEST(LoraTargets, AllLinearLeavesOutTheHeadTheEmbeddingAndRouters) {
  EXPECT_EQ(paths(targeting({"all-linear"})).size(), 14U);
  EXPECT_EQ(paths(targeting({"all-linear"}), "mixtral").size(), 8U);
}

TEST(LoraTargets, CanBeExcludedAndLimitedToLayers) {
  LoraOptions options = targeting({"q_proj", "o_proj"});
  options.exclude_modules = {"layers.0.self_attn.o_proj"};
  EXPECT_EQ(paths(options).size(), 3U);
  options.exclude_modules = {};
  options.layers_to_transform = {1};
  options.layers_pattern = {"layers"};
  EXPECT_THAT(paths(options),
              ElementsAre("model.layers.1.self_attn.q_proj", "model.layers.1.self_attn.o_proj"));
  options.modules_to_save = {"o_proj"};
  EXPECT_THAT(paths(options), ElementsAre("model.layers.1.self_attn.q_proj"));
}

// as PEFT: a name that is the whole path is meant as it is
TEST(LoraTargets, NamedByTheirWholePathAreInAnyLayer) {
  LoraOptions options = targeting({"model.layers.0.self_attn.q_proj", "o_proj", "layers.0.mlp.up_proj"});
  options.layers_to_transform = {1};
  EXPECT_THAT(paths(options),
              ElementsAre("model.layers.0.self_attn.q_proj", "model.layers.1.self_attn.o_proj"));
}

TEST(LoraTargets, HaveRankAndScaleOfTheirPattern) {
  LoraOptions options = targeting({"q_proj", "up_proj"});
  options.r = 4;
  options.lora_alpha = 8;
  options.rank_pattern = {{"layers.1.*q_proj", std::int64_t{16}}};
  options.alpha_pattern = {{"up_proj", 2.0}};
  const auto targets = find_lora_targets(options, config_of("llama"));
  ASSERT_EQ(targets.size(), 4U);
  EXPECT_EQ(targets[0].r, 4);
  EXPECT_EQ(targets[0].scale, 2.0);
  EXPECT_EQ(targets[1].scale, 0.5);
  EXPECT_EQ(targets[2].r, 16);
  EXPECT_EQ(targets[2].scale, 0.5);
  options.use_rslora = true;
  EXPECT_EQ(find_lora_targets(options, config_of("llama"))[2].scale, 2.0);
}

TEST(LoraTargets, OfExpertsAreParameters) {
  LoraOptions options = targeting({});
  options.target_parameters = {"experts.down_proj"};
  const auto targets = find_lora_targets(options, config_of("mixtral"));
  ASSERT_EQ(targets.size(), 2U);
  EXPECT_EQ(targets[0].weight.path, "model.layers.0.mlp.experts.down_proj");
  EXPECT_EQ(targets[0].weight.num_experts, config_of("mixtral").experts.num_experts);
  options.lora_dropout = 0.1;
  EXPECT_THAT(fault(options, "mixtral"),
              HasSubstr("lora_dropout is not supported for 'model.layers.*.mlp.experts.down_proj'"));
}

TEST(LoraTargets, NamesThatMatchNothingAreAnErrorThatListsWhatThereIs) {
  EXPECT_THAT(fault(targeting({"q_proj", "qproj"})),
              HasSubstr("target_modules in [lora]: 'qproj' matches nothing; did you mean "));
  EXPECT_THAT(fault(targeting({"c_attn"})), HasSubstr("linear modules of this model: model.embed_tokens, "
                                                      "model.layers.*.self_attn.q_proj"));
  LoraOptions options = targeting({"q_proj"});
  options.exclude_modules = {"nothing"};
  EXPECT_THAT(fault(options), HasSubstr("exclude_modules in [lora]: 'nothing' matches nothing"));
  options = targeting({"q_proj"});
  options.rank_pattern = {{"k_proj", std::int64_t{4}}};
  EXPECT_THAT(fault(options), HasSubstr("rank_pattern in [lora]: 'k_proj' matches nothing; "));
  options = targeting({"q_proj"});
  options.modules_to_save = {"head"};
  EXPECT_EQ(fault(options), "") << "any path that ends in it, as in PEFT";
  options.modules_to_save = {"classifier"};
  EXPECT_THAT(fault(options), HasSubstr("modules_to_save in [lora]: 'classifier' matches nothing"));
  options = targeting({"q_proj"});
  options.target_parameters = {"experts.down_proj"};
  EXPECT_THAT(fault(options), HasSubstr("target_parameters in [lora]: 'experts.down_proj' matches nothing"));
  options = targeting({"q_proj"});
  options.layers_to_transform = {0, 2};
  EXPECT_THAT(fault(options), HasSubstr("there is no layer 2; the model has layers 0 to 1"));
  options = {};
  options.target_modules_regex = "q_proj";
  EXPECT_THAT(fault(options), HasSubstr("[lora] gives no module an adapter"));
  options.target_modules_regex = "(q_proj";
  EXPECT_THAT(fault(options), HasSubstr("target_modules in [lora]"));
}

TEST(LoraTargets, RefuseCombinationsThatPeftRefuses) {
  LoraOptions options = targeting({"q_proj"});
  options.target_modules_regex = ".*q_proj";
  EXPECT_THAT(fault(options), HasSubstr("target_modules and target_modules_regex are both set"));
  options.target_modules.reset();
  options.layers_to_transform = {1};
  EXPECT_THAT(fault(options), HasSubstr("layers_to_transform has no effect on a regular expression"));
  options = targeting({"q_proj"});
  options.layers_pattern = {"layers"};
  EXPECT_THAT(fault(options), HasSubstr("layers_pattern says what layers_to_transform means"));
  options = targeting({"q_proj"});
  options.exclude_modules_regex = "v_proj";
  EXPECT_THAT(fault(options), HasSubstr("exclude_modules in [lora]: 'v_proj' matches nothing"));
  options.exclude_modules_regex.clear();
  options.rank_pattern = {{"q_proj", 0.5}};
  EXPECT_THAT(fault(options),
              HasSubstr("rank_pattern in [lora]: expected an integer of at least 1 for 'q_proj'"));
}

TEST(LoraTargets, CannotBeTheHead) {
  EXPECT_THAT(fault(targeting({"lm_head"})),
              HasSubstr("train it whole with modules_to_save = [\"lm_head\"]"));
}

}  // namespace
}  // namespace sift
