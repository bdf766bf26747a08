#include "formats/json_text.h"

#include <gmock/gmock.h>

#include "checkpoint/checkpoint.h"
#include "checkpoint/trainer_state.h"
#include "data/prepare_row.h"
#include "formats/safetensors.h"
#include "model/model_config.h"
#include "support/temp_folder.h"
#include "text/text_processor.h"
#include "text/tokenizer.h"

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
std::string message_of(Body&& body) {
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
  EXPECT_THAT(message_of([&] { parse_json<Json>(nested(limit + 1), "a.json"); }),
              HasSubstr("a.json: nested deeper than 500 lists and objects (at byte 500)"));
}

TEST(JsonText, BracketsInTextsDoNotNest) {
  const Json json = parse_json<Json>("[\"" + std::string(1000, '[') + "\\\"[\"]");
  EXPECT_EQ(json[0].get<std::string>().size(), 1002U);
}

TEST(JsonText, FaultsOfEveryKindAreErrorsOfOneLine) {
  EXPECT_THAT(message_of([] { parse_json<Json>("[1e999]", "a.json"); }),
              HasSubstr("a.json: not valid JSON: "));
  EXPECT_THAT(message_of([] { parse_json<Json>("[\"\xff\"]"); }), HasSubstr("not valid JSON: "));
  EXPECT_LT(message_of([] { parse_json<Json>("\"" + std::string(10'000, 'a')); }).size(), 400U);
}

TEST(JsonText, FaultsAreNamedInSiftsWords) {
  const auto fault = [](std::string_view text) { return message_of([&] { parse_json<Json>(text); }); };
  EXPECT_EQ(fault(R"({"a": 1 x})"), R"(not valid JSON at byte 9, the end of '{"a": 1 x')");
  EXPECT_EQ(fault("{\n  \"a\": 1,\n  ]"),
            "not valid JSON at line 3, column 3, the end of '{   \"a\": 1,   ]'");
  EXPECT_EQ(fault("{} {}"), "not valid JSON at byte 4, the end of '{} {'");
  EXPECT_EQ(fault(R"({"a": [1)"), R"(not valid JSON: incomplete, it ends with '{"a": [1')");
  EXPECT_EQ(fault(""), "not valid JSON: the text is empty");
  EXPECT_EQ(fault("[\"\xc3\xa9\xff\"]"),
            "not valid JSON: byte 5 (0xFF) is not UTF-8; convert the file to UTF-8");
  EXPECT_EQ(
      fault("[\"a\tb\"]"),
      "not valid JSON: byte 4 is 0x09, a control character that cannot be here (in a string it is written as "
      "\\u0009), after '[\"a '");
  EXPECT_EQ(fault("[1e999]"), "not valid JSON: the number that ends at byte 6 is too large");
}

TEST(JsonText, ANulByteEndsNothing) {
  using namespace std::string_view_literals;
  for (const auto text : {"{}\0"sv, "{\"a\": 1}\0, garbage"sv, "[1, \0 2]"sv, "\0"sv, "{\"a\0b\": 1}"sv}) {
    EXPECT_THAT(message_of([&] { parse_json<Json>(text); }),
                HasSubstr("is NUL (0x00), which no JSON text has"));
  }
  const test::TempFolder temp;
  std::string bytes(8, '\0');
  bytes[0] = 4;
  temp.write("model.safetensors", bytes + std::string("{}\0\0", 4));
  EXPECT_THAT(message_of([&] { ModelTensors tensors(temp.path()); }),
              HasSubstr("the header: not valid JSON: byte 3 is NUL"));
  temp.write("generation_config.json", std::string("{}\0", 3));
  EXPECT_THAT(message_of([&] { read_object_or_empty<Json>(temp / "generation_config.json"); }),
              HasSubstr("is NUL"));
}

TEST(JsonText, KeysKeepTheirFirstPlaceAndLastValue) {
  EXPECT_EQ(parse_json<Json>(R"({"b": {"x": [1, {}]}, "a": [], "b": -2.5})").dump(), R"({"b":-2.5,"a":[]})");
  EXPECT_EQ(parse_json<Json>(R"([[], {}, [[null]], "x", true, 18446744073709551615])").dump(),
            R"([[],{},[[null]],"x",true,18446744073709551615])");
}

TEST(JsonText, CountsOfATrainerStateAreInRange) {
  const test::TempFolder temp;
  const auto read = [&](const std::string& steps, const std::string& epochs) {
    temp.write("trainer_state.json", R"({"global_step": )" + steps +
                                         R"(, "max_steps": 4, "num_train_epochs": )" + epochs +
                                         R"(, "epoch": 0.5, "log_history": []})");
    return read_trainer_state(temp.path());
  };
  EXPECT_EQ(read("2", "3.0").num_train_epochs, 3);
  // what transformers writes for a data set without a length
  EXPECT_EQ(read("2", "9223372036854775807").num_train_epochs, std::int64_t{1} << 53);
  EXPECT_THAT(
      message_of([&] { read("2", "-1e300"); }),
      HasSubstr("trainer_state.json: damaged: num_train_epochs is -1e+300; expected a number from 0 to"));
  EXPECT_THAT(
      message_of([&] { read("2.5", "3"); }),
      HasSubstr("trainer_state.json: damaged: 'global_step' is 2.5; expected a whole number; resume from"));
}

TEST(JsonText, TemplatesOfATokenizerConfigHaveTheirTypes) {
  const test::TempFolder temp;
  temp.write("tokenizer.json", R"({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}})");
  const auto fault = [&](const std::string& templates) {
    temp.write("tokenizer_config.json", R"({"chat_template": )" + templates + "}");
    return message_of([&] { TextProcessor::from_folder(temp.path(), {}); });
  };
  EXPECT_THAT(fault(R"(["default"])"),
              HasSubstr("'chat_template[0]' is \"default\"; expected a JSON object"));
  EXPECT_THAT(fault(R"([{"name": 3}])"), HasSubstr("'chat_template[0].name' is 3; expected a string"));
  EXPECT_THAT(fault(R"([{"name": "default", "template": 4}])"),
              HasSubstr("'chat_template[0].template' is 4; expected a string"));
  EXPECT_EQ(fault(R"([{"name": "tool_use"}, {"name": "default", "template": "x"}])"), "none");
}

TEST(JsonText, EveryReaderOfJsonRefusesAnAbyss) {
  const test::TempFolder temp;
  const auto refused = [&](auto&& body) {
    EXPECT_THAT(message_of(body), HasSubstr("nested deeper than 500 lists and objects"));
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
