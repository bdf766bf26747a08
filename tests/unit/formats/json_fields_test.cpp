#include "formats/json_fields.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/temp_folder.h"

namespace sift {
namespace {

using test::error_of;
using SortedJson = nlohmann::json;

TEST(JsonFields, ErrorsNameFilePathFoundAndExpected) {
  const SortedJson json =
      SortedJson::parse(R"({"model": {"merges": [{"id": 1}, {"id": "x"}, 3]}, "none": null})");
  const SortedJsonFields root(json, "a.json");
  const SortedJsonFields merges = root.at("model").at("merges");
  EXPECT_EQ(merges.where(), "a.json: model.merges");
  EXPECT_EQ(merges.element(0).integer("id"), 1);
  EXPECT_EQ(error_of([&] { merges.element(1).integer("id"); }),
            "a.json: 'model.merges[1].id' is \"x\"; expected a whole number");
  EXPECT_EQ(error_of([&] { merges.element(2).integer("id"); }),
            "a.json: 'model.merges[2]' is 3; expected a JSON object");
  EXPECT_EQ(error_of([&] { merges.element(0).text("name"); }), "a.json: 'model.merges[0].name' is missing");
  EXPECT_EQ(error_of([&] { root.flag("none"); }), "a.json: 'none' is missing");
  EXPECT_EQ(error_of([&] { root.elements("model"); }).find("a.json: 'model' is {\"merges\":[{\"id\":1}"), 0U);
  EXPECT_EQ(error_of([&] { merges.element(0).fail("id", "expected 2"); }),
            "a.json: 'model.merges[0].id' is 1; expected 2");
  EXPECT_EQ(error_of([&] { merges.fail("too many"); }), "a.json: model.merges: too many");
  EXPECT_EQ(error_of([&] { root.size(); }).find("a.json: expected a list, found {"), 0U);
  EXPECT_EQ(error_of([&] { SortedJsonFields(json).text("model"); }).find("'model' is {"), 0U);
}

TEST(JsonFields, MissingAndNullMembersTakeTheFallback) {
  const SortedJson json = SortedJson::parse(R"({"none": null, "zero": 0, "no": false, "empty": ""})");
  const SortedJsonFields fields(json);
  for (const char* key : {"none", "absent"}) {
    EXPECT_FALSE(fields.has(key));
    EXPECT_EQ(fields.integer_or(key, 3), 3);
    EXPECT_EQ(fields.positive_or(key, 3), 3);
    EXPECT_EQ(fields.number_or(key, 0.5), 0.5);
    EXPECT_EQ(fields.text_or(key, "x"), "x");
    EXPECT_TRUE(fields.flag_or(key, true));
    EXPECT_EQ(fields.at_or(key, json).at("zero").path(), std::string(key) + ".zero");
  }
  EXPECT_EQ(fields.integer_or("zero", 3), 0);
  EXPECT_FALSE(fields.flag_or("no", true));
  EXPECT_EQ(fields.text_or("empty", "x"), "");
}

TEST(JsonFields, NumbersAreInRange) {
  const SortedJson json = SortedJson::parse(
      R"({"least": -9223372036854775808, "most": 9223372036854775807, "more": 9223372036854775808,
          "fraction": -245.6, "text": "3", "huge": 1e300, "size": 2147483648, "above": 2147483649})");
  const SortedJsonFields fields(json);
  EXPECT_EQ(fields.integer("least"), INT64_MIN);
  EXPECT_EQ(fields.integer("most"), INT64_MAX);
  EXPECT_EQ(fields.positive("size"), std::int64_t{1} << 31);
  EXPECT_EQ(fields.number("huge"), 1e300);
  EXPECT_EQ(error_of([&] { fields.integer("more"); }),
            "'more' is 9223372036854775808; expected a whole number");
  EXPECT_EQ(error_of([&] { fields.integer("fraction"); }), "'fraction' is -245.6; expected a whole number");
  EXPECT_EQ(error_of([&] { fields.integer("text"); }), "'text' is \"3\"; expected a whole number");
  EXPECT_EQ(error_of([&] { fields.integer("huge"); }), "'huge' is 1e+300; expected a whole number");
  EXPECT_EQ(error_of([&] { fields.number("text"); }), "'text' is \"3\"; expected a number");
  EXPECT_EQ(error_of([&] { fields.count("least"); }),
            "'least' is -9223372036854775808; expected a whole number of at least 0");
  EXPECT_EQ(error_of([&] { fields.positive("above"); }),
            "'above' is 2147483649; expected a whole number from 1 to 2^31");
}

}  // namespace
}  // namespace sift
