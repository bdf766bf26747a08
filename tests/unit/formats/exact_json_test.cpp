#include "formats/exact_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/json_fields.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

using testing::HasSubstr;

TEST(ExactJson, KeepsIntegersOfAnySize) {
  const auto json =
      parse_exact_json("[18446744073709551616, -9223372036854775809, 18446744073709551615, 1e30, 1]");
  EXPECT_EQ(big_integer(json[0]), "18446744073709551616");
  EXPECT_EQ(big_integer(json[1]), "-9223372036854775809");
  EXPECT_EQ(json[2].get<std::uint64_t>(), 18446744073709551615U);
  EXPECT_EQ(json[3].get<double>(), 1e30);
  for (const std::size_t other : {2U, 3U, 4U}) EXPECT_FALSE(big_integer(json[other]).has_value());
  EXPECT_EQ(test::error_of([] { parse_exact_json("[1" + std::string(400, '0') + "]"); }),
            "not valid JSON: a number is too large");
}

TEST(ExactJson, IsShownInMessages) {
  const auto row = parse_exact_json(
      R"({"n": 18446744073709551616, "long": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})");
  const JsonFields fields(row);
  EXPECT_EQ(test::error_of([&] { fields.integer("n"); }),
            "'n' is 18446744073709551616; expected a whole number");
  EXPECT_THAT(test::error_of([&] { fields.integer("long"); }), HasSubstr("aaa...; expected"));
}

}  // namespace
}  // namespace sift
