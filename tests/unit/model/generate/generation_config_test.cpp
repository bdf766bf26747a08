#include "model/generate/generation_config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/temp_folder.h"

namespace sift {
namespace {

using Ids = std::vector<std::int64_t>;

TEST(GenerationConfig, StopTokensAreOneOrAList) {
  const test::TempFolder folder;
  const auto read = [&](const char* text) {
    folder.write("generation_config.json", text);
    return stop_token_ids(read_generation_config(folder.path()));
  };
  EXPECT_EQ(stop_token_ids(read_generation_config(folder / "none")), std::nullopt);
  EXPECT_EQ(read(R"({"eos_token_id": 3})"), Ids{3});
  EXPECT_EQ(read(R"({"eos_token_id": [3, "4", 5]})"), (Ids{3, 5}));
  EXPECT_EQ(read(R"({"eos_token_id": []})"), Ids{});
  for (const char* text : {R"({"eos_token_id": null})", "{}", "[3]", "{", ""})
    EXPECT_EQ(read(text), std::nullopt) << text;
}

}  // namespace
}  // namespace sift
