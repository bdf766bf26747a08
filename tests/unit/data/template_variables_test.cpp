#include "data/template_variables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/temp_folder.h"

namespace sift {
namespace {

using testing::HasSubstr;

std::string variables_of(const char* row) {
  const auto json = nlohmann::ordered_json::parse(row);
  std::string result;
  const std::string error = test::error_of([&] { result = template_variables(JsonFields(json)).dump(); });
  return error.empty() ? result : error;
}

TEST(TemplateVariables, AreToolsAndWhatTheRowNames) {
  EXPECT_EQ(variables_of("{}"), "{}");
  EXPECT_EQ(variables_of(R"({"tools":[{"default":null}]})"), R"({"tools":[{"default":null}]})");
  EXPECT_EQ(variables_of(R"({"tools":"[{\"default\":null}]"})"), R"({"tools":[{"default":null}]})");
  EXPECT_EQ(variables_of(R"({"tools":null,"chat_template_kwargs":null})"), "{}");
  EXPECT_EQ(variables_of(R"({"tools":"null"})"), R"({"tools":null})");
  EXPECT_EQ(variables_of(R"({"tools":[],"chat_template_kwargs":{"x":null,"y":1}})"),
            R"({"tools":[],"x":null,"y":1})");
}

TEST(TemplateVariables, OfOtherTypesAreErrors) {
  constexpr const char* kExpected = "expected a list of objects, or JSON text of one";
  EXPECT_EQ(variables_of(R"({"tools":{"f":1}})"), std::string(R"('tools' is {"f":1}; )") + kExpected);
  EXPECT_EQ(variables_of(R"({"tools":7})"), std::string("'tools' is 7; ") + kExpected);
  EXPECT_EQ(variables_of(R"({"tools":"7"})"), std::string("'tools' is 7; ") + kExpected);
  EXPECT_EQ(variables_of(R"({"tools":""})"),
            std::string("'tools' is \"\"; ") + kExpected + " (not valid JSON: the text is empty)");
  EXPECT_THAT(variables_of(R"({"tools":"now, add"})"), HasSubstr("JSON text of one (not valid JSON: "));
  EXPECT_EQ(variables_of(R"({"tools":[{"f":1},"f"]})"),
            R"('tools[1]' is "f"; expected an object, the JSON schema of a function)");
  EXPECT_EQ(variables_of(R"({"chat_template_kwargs":"{}"})"),
            R"('chat_template_kwargs' is "{}"; expected a JSON object)");
}

}  // namespace
}  // namespace sift
