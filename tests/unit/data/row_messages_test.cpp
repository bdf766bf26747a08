#include "data/row_messages.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/temp_folder.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

std::string messages_of(const char* list) {
  const Json json = {{"messages", Json::parse(list)}};
  const JsonFields row(json);
  std::string result;
  const std::string error = test::error_of([&] { result = row_messages(row.at("messages")).dump(); });
  return error.empty() ? result : error;
}

TEST(RowMessages, LoseTheirOwnNullsAlone) {
  EXPECT_EQ(
      messages_of(R"([{"role":"a","content":null,"name":null,"tool_calls":[{"id":null,"f":{"x":null}}]}])"),
      R"([{"role":"a","tool_calls":[{"id":null,"f":{"x":null}}]}])");
  EXPECT_EQ(messages_of(R"([{"role":"u","content":[{"type":"text","text":"x","y":null}]}])"),
            R"([{"role":"u","content":[{"type":"text","text":"x","y":null}]}])");
}

TEST(RowMessages, HaveTheNamesOfChatMl) {
  EXPECT_EQ(messages_of(R"([{"from":"u","value":"x","weight":1}])"),
            R"([{"weight":1,"role":"u","content":"x"}])");
  EXPECT_EQ(messages_of(R"([{"from":"u","value":null}])"), R"([{"role":"u"}])");
}

TEST(RowMessages, AreListsOfObjectsWithARole) {
  EXPECT_EQ(messages_of("[]"), "'messages' is []; expected at least one message");
  EXPECT_EQ(messages_of("{}"), "'messages' is {}; expected a list");
  EXPECT_EQ(messages_of(R"("[]")"), R"('messages' is "[]"; expected a list)");
  EXPECT_EQ(messages_of(R"([{"role":"a"}, "x"])"), R"('messages[1]' is "x"; expected a JSON object)");
  EXPECT_EQ(messages_of(R"([{"content":"x"}])"), "'messages[0].role' is missing");
  EXPECT_EQ(messages_of(R"([{"role":null}])"), "'messages[0].role' is missing");
  EXPECT_EQ(messages_of(R"([{"role":5}])"), "'messages[0].role' is 5; expected a string");
  EXPECT_EQ(messages_of(R"([{"from":5,"value":"x"}])"), "'messages[0].role' is 5; expected a string");
}

TEST(RowMessages, HaveTextsInTheirContent) {
  EXPECT_EQ(messages_of(R"([{"role":"a","content":["x",{"type":"text","text":null}]}])"),
            "'messages[0].content[1].text' is null; expected a string");
  EXPECT_EQ(messages_of(R"([{"role":"a","content":[{"type":7,"text":null}]}])"),
            R"([{"role":"a","content":[{"type":7,"text":null}]}])");
}

}  // namespace
}  // namespace sift
