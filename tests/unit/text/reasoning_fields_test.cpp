#include "text/reasoning_fields.h"

#include <gtest/gtest.h>

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

std::string seen(const char* message) {
  return with_reasoning_fields(Json::array({Json::parse(message)}))[0].dump();
}

TEST(ReasoningFields, HaveTheOrderAndValuesOfTransformers) {
  EXPECT_EQ(seen(R"({"role":"a","reasoning":"r"})"),
            R"({"thinking":"r","role":"a","reasoning":"r","reasoning_content":"r"})");
  EXPECT_EQ(seen(R"({"role":"a","thinking":"t","reasoning":"r"})"),
            R"({"thinking":"t","role":"a","reasoning":"r","reasoning_content":"t"})");
  EXPECT_EQ(seen(R"({"reasoning_content":"c","role":"a"})"),
            R"({"thinking":"c","reasoning_content":"c","role":"a"})");
  EXPECT_EQ(seen(R"({"reasoning_content":null,"thinking":"","role":"a"})"),
            R"({"thinking":"","reasoning_content":"","role":"a"})");
  EXPECT_EQ(seen(R"({"role":"a","content":"b"})"), R"({"role":"a","content":"b"})");
}

}  // namespace
}  // namespace sift
