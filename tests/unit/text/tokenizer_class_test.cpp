#include "text/tokenizer_class.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include <sift/error.h>

namespace sift {
namespace {

std::string class_of(const std::string& named, const std::string& model_type, bool has_byte_level) {
  return find_tokenizer_class({{"model_type", model_type}}, {{"tokenizer_class", named}}, has_byte_level)
      .name;
}

// As AutoTokenizer of transformers 5.24 chooses.
TEST(TokenizerClass, IsTheOneThatTransformersLoads) {
  EXPECT_EQ(class_of("LlamaTokenizerFast", "llama", false), "LlamaTokenizer");
  EXPECT_EQ(class_of("LlamaTokenizer", "", false), "LlamaTokenizer");
  EXPECT_EQ(class_of("LlamaTokenizer", "llama", true), "TokenizersBackend");
  EXPECT_EQ(class_of("", "llama", false), "TokenizersBackend");
  for (const char* type : {"mistral", "mixtral", "phi3", "granite", "olmo2"}) {
    EXPECT_EQ(class_of("LlamaTokenizer", type, false), "TokenizersBackend") << type;
  }
  EXPECT_EQ(class_of("PreTrainedTokenizerFast", "qwen2", true), "Qwen2Tokenizer");
  EXPECT_EQ(class_of("LlamaTokenizer", "qwen2", true), "Qwen2Tokenizer");
  EXPECT_EQ(class_of("LlamaTokenizer", "qwen3", true), "TokenizersBackend");
  EXPECT_EQ(class_of("", "qwen3", true), "Qwen2Tokenizer");
  EXPECT_EQ(class_of("GPT2Tokenizer", "llama", true), "GPT2Tokenizer");
  EXPECT_EQ(class_of("CodeLlamaTokenizer", "llama", false), "CodeLlamaTokenizer");
}

TEST(TokenizerClass, OfCodeLlamaNamesTheTokensOfInfilling) {
  const auto found = find_tokenizer_class({}, {{"tokenizer_class", "CodeLlamaTokenizer"}}, false);
  EXPECT_EQ(found.infilling_tokens.front().second, "\u2581<PRE>");
  EXPECT_EQ(found.infilling_tokens.back().second, "<FILL_ME>");
}

TEST(TokenizerClass, WithStepsOfItsOwnThatSiftLacksIsRefusedByName) {
  for (const char* name :
       {"RobertaTokenizerFast", "BertTokenizer", "BartTokenizer", "T5TokenizerFast", "ByT5Tokenizer"})
    EXPECT_THROW(class_of(name, "llama", true), Error) << name;
  EXPECT_EQ(class_of("InternLM2Tokenizer", "llama", true), "TokenizersBackend")
      << "transformers has no such class";
  EXPECT_EQ(class_of("RobertaTokenizer", "mistral", true), "TokenizersBackend") << "transformers ignores it";
  try {
    class_of("CodeGenTokenizer", "", true);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("tokenizer_class is 'CodeGenTokenizer'"), std::string::npos);
  }
}

}  // namespace
}  // namespace sift
