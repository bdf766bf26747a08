#include "text/special_tokens.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include <sift/error.h>
#include "formats/json_text.h"
#include "support/small_run.h"
#include "support/temp_folder.h"
#include "text/text_processor.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

/// The tokenizer of the parity models with the files of a case over it.
void write_case(const test::TempFolder& folder, const Json& files) {
  for (const char* name : {"config.json", "tokenizer.json", "tokenizer_config.json"})
    fs::copy_file(test::SmallRun::model_folder() / name, folder / name);
  for (const auto& [name, content] : files.items()) {
    if (name == "base") {
      const fs::path base = fs::path(SIFT_FIXTURES) / "tokenizers" / (content.get<std::string>() + ".json");
      fs::copy_file(base, folder / "tokenizer.json", fs::copy_options::overwrite_existing);
      continue;
    }
    if (content.is_null()) {
      fs::remove(folder / name);
      continue;
    }
    Json merged = content;
    if (name == "config.json" || name == "tokenizer.json") {
      merged = read_json_file<Json>(folder / name);
      merged.update(content);
    }
    folder.write(name, merged.dump());
  }
}

TEST(SpecialTokens, AreThoseOfTransformers) {
  const Json goldens = read_json_file<Json>(fs::path(SIFT_FIXTURES) / "special_tokens.json");
  for (const Json& golden : goldens["cases"]) {
    SCOPED_TRACE(golden["name"].get<std::string>());
    const test::TempFolder folder;
    write_case(folder, golden["files"]);
    const TextProcessor text = TextProcessor::from_folder(folder.path(), {});
    EXPECT_EQ(text.class_name(), golden["class"].get<std::string>());
    EXPECT_EQ(Json(text.special_tokens()),
              Json(golden["special_tokens"].get<std::map<std::string, std::string>>()));
    EXPECT_EQ(text.tokenizer().vocab_size(), golden["size"].get<int>());
    for (std::size_t i = 0; i < goldens["texts"].size(); ++i) {
      const auto input = goldens["texts"][i].get<std::string>();
      const auto ids = text.tokenizer().encode(input, true).ids;
      EXPECT_EQ(Json(ids), golden["ids"][i]) << input;
      EXPECT_EQ(text.tokenizer().decode(ids, true), golden["spoken"][i].get<std::string>());
    }
  }
}

TEST(SpecialTokens, OfInfillingAreRefusedInATextByName) {
  const test::TempFolder folder;
  write_case(folder,
             {{"base", "llama2"}, {"tokenizer_config.json", {{"tokenizer_class", "CodeLlamaTokenizer"}}}});
  const TextProcessor text = TextProcessor::from_folder(folder.path(), {});
  EXPECT_FALSE(text.tokenizer().encode("a <FILL ME> b", true).ids.empty());
  try {
    text.tokenizer().encode("a <FILL_ME> b", true);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(
        std::string(error.what()),
        "cannot encode a text with '<FILL_ME>', the fill_token of CodeLlamaTokenizer: transformers makes a "
        "prompt for infilling of it, and Sift does not; take it out of the text, or set fill_token to null "
        "in tokenizer_config.json");
  }
}

}  // namespace
}  // namespace sift
