#include "model/weights/skipped_modules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sift/error.h>
#include "model/weights/parameter.h"
#include "support/tiny_model.h"

namespace sift {
namespace {

using testing::AllOf;
using testing::HasSubstr;

bool skips(const std::string& name, const std::string& module) {
  return SkippedModules({name}).contains(module);
}

// The values are those of should_convert_module in transformers 5.24.
TEST(SkippedModules, AreNamedByTheEndOfTheirPath) {
  EXPECT_TRUE(skips("o_proj", "model.layers.0.self_attn.o_proj"));
  EXPECT_TRUE(skips("self_attn.o_proj", "model.layers.1.self_attn.o_proj"));
  EXPECT_TRUE(skips("proj", "model.layers.0.self_attn.o_proj"));
  EXPECT_FALSE(skips("self_attn", "model.layers.0.self_attn.o_proj"));
  EXPECT_TRUE(skips("lm_head", "lm_head"));
  EXPECT_FALSE(skips("lm_head", "model.layers.0.mlp.up_proj"));
}

TEST(SkippedModules, AreNamedByTheBeginningOfTheirPath) {
  EXPECT_TRUE(skips("model", "model.layers.0.mlp.up_proj"));
  EXPECT_TRUE(skips("model.layers.1", "model.layers.1.mlp.up_proj"));
  EXPECT_FALSE(skips("model.layers.1", "model.layers.11.mlp.up_proj"));
  EXPECT_TRUE(skips("model.layers.", "model.layers.1.mlp.up_proj"));
  EXPECT_FALSE(skips("model.layers.1.mlp.up", "model.layers.1.mlp.up_proj"));
  EXPECT_FALSE(skips("layers.1", "model.layers.1.mlp.up_proj"));
  EXPECT_TRUE(skips(".*mlp", "model.layers.0.mlp.up_proj"));
  EXPECT_FALSE(skips(".*mlp", "model.layers.0.self_attn.o_proj"));
  EXPECT_TRUE(skips("model.layers.(0|1).mlp", "model.layers.1.mlp.up_proj"));
  EXPECT_TRUE(skips("model.layers.[0-9]+.mlp.*", "model.layers.3.mlp.up_proj"));
  EXPECT_TRUE(skips("a|model.layers.1", "model.layers.1.mlp.up_proj"));
  EXPECT_FALSE(skips("a|model.layers.1", "model.layers.11.mlp.up_proj"));
  EXPECT_FALSE(skips("mlp.up_proj|mlp.down_proj", "model.layers.0.mlp.up_proj"));
}

TEST(SkippedModules, AreNotQuantised) {
  ModelConfig config = test::tiny_config();
  Quantization quantization;
  quantization.skip_modules = {"o_proj", "model.layers.0.mlp"};
  config.set_quantization(quantization);
  int num_quantised = 0;
  for (const Parameter& parameter : random_parameters(config, 1, at::kFloat, at::kCPU)) {
    if (parameter.quantized) ++num_quantised;
    const bool is_skipped =
        parameter.name.ends_with("o_proj.weight") || parameter.name.starts_with("model.layers.0.mlp.");
    EXPECT_FALSE(is_skipped && parameter.quantized) << parameter.name;
  }
  EXPECT_GT(num_quantised, 0);
}

std::string fault_of(const std::string& name) {
  try {
    check_skipped_modules({"lm_head", name}, test::tiny_config());
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(SkippedModules, ThatDoNotExistAreRefused) {
  EXPECT_EQ(fault_of("q_proj"), "");
  EXPECT_EQ(fault_of("model.embed_tokens"), "");
  EXPECT_THAT(fault_of("k_porj"),
              AllOf(HasSubstr("llm_int8_skip_modules in [model]: 'k_porj' matches no module with weights"),
                    HasSubstr("modules of this model: lm_head, model.embed_tokens, model.layers.*")));
  EXPECT_THAT(fault_of("self_attn"), HasSubstr("'self_attn' matches no module with weights"));
  EXPECT_THAT(fault_of("(q_proj"), HasSubstr("llm_int8_skip_modules in [model]"));
}

}  // namespace
}  // namespace sift
