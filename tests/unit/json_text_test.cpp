#include "files/json_text.h"

#include <gmock/gmock.h>

#include "data/prepare_row.h"
#include "model/model_config.h"
#include "model/safetensors.h"
#include "support/temp_folder.h"
#include "text/text_processor.h"
#include "text/tokenizer.h"
#include "train/checkpoint.h"
#include "train/trainer_state.h"

namespace sift {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

/// Far deeper than what the JSON library copies or prints without exhausting the stack.
const std::string kAbyss = nested(300'000);

template <class Body>
std::string error_of(Body&& body) {
  try {
    body();
    return "none";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(JsonText, NestingIsLimited) {
  const auto limit = static_cast<std::size_t>(kMaxJsonDepth);
  EXPECT_NO_THROW(parse_json<Json>(nested(limit)));
  EXPECT_THAT(error_of([&] { parse_json<Json>(nested(limit + 1), "a.json"); }),
              HasSubstr("a.json: nested deeper than 500 lists and objects (at byte 500)"));
}

TEST(JsonText, BracketsInTextsDoNotNest) {
  const Json json = parse_json<Json>("[\"" + std::string(1000, '[') + "\\\"[\"]");
  EXPECT_EQ(json[0].get<std::string>().size(), 1002U);
}

TEST(JsonText, FaultsOfEveryKindAreErrorsOfOneLine) {
  EXPECT_THAT(error_of([] { parse_json<Json>("[1e999]", "a.json"); }), HasSubstr("a.json: not valid JSON: "));
  EXPECT_THAT(error_of([] { parse_json<Json>("[\"\xff\"]"); }), HasSubstr("not valid JSON: "));
  EXPECT_LT(error_of([] { parse_json<Json>("\"" + std::string(10'000, 'a')); }).size(), 400U);
}

TEST(JsonText, TemplatesOfATokenizerConfigHaveTheirTypes) {
  const test::TempFolder temp;
  temp.write("tokenizer.json", R"({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}})");
  const auto fault = [&](const std::string& templates) {
    temp.write("tokenizer_config.json", R"({"chat_template": )" + templates + "}");
    return error_of([&] { TextProcessor::from_folder(temp.path(), {}); });
  };
  EXPECT_THAT(fault(R"(["default"])"),
              HasSubstr("chat_template: expected objects with a 'name' and a 'template', found \"default\""));
  EXPECT_THAT(fault(R"([{"name": 3}])"), HasSubstr("found {\"name\":3}"));
  EXPECT_THAT(fault(R"([{"name": "default", "template": 4}])"), HasSubstr("'default' is not a text"));
  EXPECT_EQ(fault(R"([{"name": "tool_use"}, {"name": "default", "template": "x"}])"), "none");
}

TEST(JsonText, EveryReaderOfJsonRefusesAnAbyss) {
  const test::TempFolder temp;
  const auto refused = [&](auto&& body) {
    EXPECT_THAT(error_of(body), HasSubstr("nested deeper than 500 lists and objects"));
  };
  temp.write("config.json", R"({"model_type": "llama", "architectures": )" + kAbyss + "}");
  refused([&] { ModelConfig::from_folder(temp.path()); });
  temp.write("model.safetensors.index.json", R"({"weight_map": )" + kAbyss + "}");
  refused([&] { ModelTensors tensors(temp.path()); });
  const std::string header = R"({"a": {"dtype": "F32", "shape": )" + kAbyss + R"(, "data_offsets": [0, 0]}})";
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(header.size() >> (8 * i) & 0xff);
  temp.write("model.safetensors", bytes + header);
  refused([&] { ModelTensors tensors(temp.path()); });
  temp.write("trainer_state.json", R"({"log_history": )" + kAbyss + "}");
  refused([&] { read_trainer_state(temp.path()); });
  temp.write("sift_state.json", R"({"components": )" + kAbyss + "}");
  Progress progress;
  refused([&] { read_sift_state(temp.path(), progress); });
  refused([&] { Tokenizer::from_json(R"({"model": {"merges": [)" + kAbyss + "]}}", "t"); });

  temp.write("tokenizer.json", R"({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}})");
  const auto text = TextProcessor::from_folder(temp.path(), {});
  temp.write("tokenizer_config.json", R"({"chat_template": )" + kAbyss + "}");
  refused([&] { TextProcessor::from_folder(temp.path(), {}); });
  const DataOptions options;
  const RowPreparer preparer(text, options, 8);
  refused([&] { preparer.prepare(R"({"text": "a", "tools": )" + kAbyss + "}"); });
  refused([&] { preparer.prepare(R"({"messages": [{"role": "user"}], "tools": ")" + kAbyss + "\"}"); });
}

}  // namespace
}  // namespace sift
