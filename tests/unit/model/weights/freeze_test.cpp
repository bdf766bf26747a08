#include "model/weights/freeze.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <sift/error.h>

#include "model/decoder/decoder.h"
#include "support/tiny_model.h"

namespace sift {
namespace {

using testing::HasSubstr;

class Freeze : public testing::Test {
 protected:
  /// The names of what is left to train of the tiny Llama.
  std::vector<std::string> trained_without(const std::vector<std::string>& patterns) {
    model_.freeze(patterns);
    std::vector<std::string> names;
    for (const Parameter& parameter : model_.trainable()) {
      EXPECT_TRUE(parameter.tensor.requires_grad());
      names.push_back(parameter.name);
    }
    return names;
  }
  std::string error_of(const std::vector<std::string>& patterns) {
    try {
      model_.freeze(patterns);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }

  Decoder model_ = Decoder::random(test::tiny_config(), 1, at::kFloat, at::kCPU);
};

TEST_F(Freeze, TakesModulesParametersAndPatterns) {
  EXPECT_EQ(trained_without({"model.layers", "lm_head.weight"}),
            (std::vector<std::string>{"model.embed_tokens.weight", "model.norm.weight"}));
  for (const Parameter& parameter : model_.parameters())
    EXPECT_EQ(parameter.tensor.requires_grad(), parameter.trained);
}

TEST_F(Freeze, AStarStandsForAnyCharacters) {
  for (const std::string& name : trained_without({"model.layers.*.mlp", "*norm*"})) {
    EXPECT_EQ(name.find("mlp"), std::string::npos) << name;
    EXPECT_EQ(name.find("norm"), std::string::npos) << name;
  }
  EXPECT_EQ(model_.trainable().size(), 2U + 2 * 4);
}

TEST_F(Freeze, OneLayerIsNotAnotherWhoseNumberBeginsSo) {
  trained_without({"model.layers.1"});
  EXPECT_EQ(model_.parameters().size() - model_.trainable().size(), 9U);
}

TEST_F(Freeze, WhatMatchesNothingIsAnErrorThatListsTheModules) {
  const std::string error = error_of({"model.embed_token"});
  EXPECT_THAT(error,
              HasSubstr("'model.embed_token' matches no parameter; did you mean 'model.embed_tokens'?"));
  EXPECT_THAT(error, HasSubstr("model.layers.*.self_attn.q_proj"));
  EXPECT_THAT(error_of({"*"}), HasSubstr("nothing to train"));
}

}  // namespace
}  // namespace sift
