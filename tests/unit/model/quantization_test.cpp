#include "model/quantization.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <sift/error.h>
#include "support/tiny_model.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

ModelConfig config_with(const Json& quantization) {
  Json json = test::tiny_config_json();
  json["quantization_config"] = quantization;
  return ModelConfig::from_json(json, "config.json");
}

std::string fault_of(const Json& quantization) {
  try {
    config_with(quantization);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Quantization, IsReadAsItIsWritten) {
  for (const auto kind : {QuantizedWeight::Kind::kNf4, QuantizedWeight::Kind::kFp4}) {
    for (const bool nested : {false, true}) {
      for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
        const auto read = config_with(Quantization{kind, nested, dtype}.to_json()).quantization;
        ASSERT_TRUE(read.has_value());
        EXPECT_EQ(read->kind, kind);
        EXPECT_EQ(read->nested, nested);
        EXPECT_EQ(read->compute_dtype, dtype);
      }
    }
  }
  EXPECT_FALSE(test::tiny_config().quantization.has_value());
}

TEST(Quantization, KeepsTheListOfSkippedModules) {
  Quantization quantization;
  EXPECT_TRUE(quantization.to_json().at("llm_int8_skip_modules").is_null());
  quantization.skip_modules = {"lm_head", "o_proj"};
  EXPECT_EQ(config_with(quantization.to_json()).quantization->skip_modules, quantization.skip_modules);
}

TEST(Quantization, HasTheDefaultsOfTransformers) {
  const auto read = config_with({{"load_in_4bit", true}}).quantization;
  EXPECT_EQ(read->kind, QuantizedWeight::Kind::kFp4);
  EXPECT_FALSE(read->nested);
  EXPECT_EQ(read->compute_dtype, at::kFloat);
}

TEST(Quantization, RefusesOtherMethodsAndSaysWhatToDo) {
  const std::string advice =
      "; Sift reads only bitsandbytes' 4 bits; use the unquantised version of this model, with load_in_4bit = true in "
      "[model] to quantise it while it is read";
  const std::string where = "config.json: quantization_config: ";
  EXPECT_EQ(fault_of({{"quant_method", "gptq"}, {"bits", 4}}),
            where + "the weights are quantised with 'gptq'" + advice);
  EXPECT_EQ(fault_of({{"quant_method", "awq"}}), where + "the weights are quantised with 'awq'" + advice);
  EXPECT_EQ(fault_of({{"quant_method", "bitsandbytes"}, {"load_in_8bit", true}}),
            where + "the weights are not in 4 bits" + advice);
  EXPECT_EQ(
      fault_of({{"load_in_4bit", true}, {"bnb_4bit_quant_type", "int4"}}),
      "config.json: 'quantization_config.bnb_4bit_quant_type' is \"int4\"; expected \"nf4\" or \"fp4\"");
  EXPECT_THAT(fault_of({{"load_in_4bit", true}, {"bnb_4bit_compute_dtype", "float64"}}),
              testing::HasSubstr(
                  "'quantization_config.bnb_4bit_compute_dtype' is \"float64\"; expected \"float32\""));
}

}  // namespace
}  // namespace sift
