#include <sift/options.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include <sift/error.h>
#include "base/did_you_mean.h"

namespace sift {
namespace {

struct Options {
  bool flag = false;
  std::int64_t count = 3;
  double rate = 0.5;
  std::string mode = "fast";
  std::vector<std::string> files;
  ScalarTable extra;
  std::optional<double> weight;
  std::string folder;

  static void describe(Schema<Options>& schema) {
    schema.add("flag", &Options::flag, "a flag");
    schema.add("count", &Options::count, "a count", at_least(1));
    schema.add("rate", &Options::rate, "a rate", between(0, 1));
    schema.add("mode", &Options::mode, "a mode", one_of({"fast", "careful"}));
    schema.add("files", &Options::files, "files");
    schema.add("extra", &Options::extra, "more");
    schema.add("weight", &Options::weight, "a weight", above(0));
    schema.add("folder", &Options::folder, "a folder", not_empty());
  }
};

OptionSpec spec_of(const std::string& key) {
  Schema<Options> schema;
  Options::describe(schema);
  for (const OptionSpec& spec : schema.specs()) {
    if (spec.key == key) return spec;
  }
  throw std::logic_error("no such option");
}

std::string fault(const std::string& key, const OptionValue& value) {
  try {
    checked_value(spec_of(key), value);
    return "none";
  } catch (const Error& error) {
    return error.what();
  }
}

OptionValue integer(std::int64_t value) {
  return value;
}
OptionValue text(const std::string& value) {
  return value;
}

TEST(Options, AcceptsWhatHasTheType) {
  EXPECT_EQ(checked_value(spec_of("flag"), true), OptionValue(true));
  EXPECT_EQ(checked_value(spec_of("count"), integer(1)), integer(1));
  EXPECT_EQ(checked_value(spec_of("rate"), 0.25), OptionValue(0.25));
  EXPECT_EQ(checked_value(spec_of("rate"), integer(1)), OptionValue(1.0)) << "an integer is a number";
  EXPECT_EQ(checked_value(spec_of("files"), text("a")), OptionValue(std::vector<std::string>{"a"}))
      << "a string is a list of one";
  EXPECT_EQ(checked_value(spec_of("weight"), integer(2)), OptionValue(2.0));
}

TEST(Options, SetsAndReadsMembers) {
  Options options;
  spec_of("count").set(&options, integer(7));
  spec_of("weight").set(&options, 1.5);
  EXPECT_EQ(options.count, 7);
  EXPECT_EQ(options.weight, 1.5);
  EXPECT_EQ(spec_of("weight").get(&options), OptionValue(1.5));
  EXPECT_EQ(spec_of("weight").default_value.index(), 0u) << "not set";
  EXPECT_TRUE(spec_of("weight").optional);
}

TEST(Options, WrongTypes) {
  EXPECT_EQ(fault("flag", integer(1)), "expected a boolean, found 1");
  EXPECT_EQ(fault("flag", text("True")), "expected a boolean, found \"True\"; write true");
  EXPECT_EQ(fault("count", 1e3),
            "expected an integer, found 1000.0; an integer has no decimal point and no exponent, write 1000");
  EXPECT_EQ(fault("count", 1.5), "expected an integer, found 1.5");
  EXPECT_EQ(fault("count", true), "expected an integer, found true");
  EXPECT_EQ(fault("rate", text("0.1")), "expected a number, found \"0.1\"; a number has no quotes");
  EXPECT_EQ(fault("mode", integer(1)), "expected a string, found 1");
  EXPECT_EQ(fault("files", integer(1)), "expected a list of strings, found 1");
  EXPECT_EQ(fault("mode", std::vector<std::string>{"a", "b"}), "expected a string, found [\"a\", \"b\"]");
  EXPECT_EQ(fault("extra", text("x")), "expected a table, found \"x\"");
  EXPECT_EQ(fault("mode", std::vector<std::string>(40, "abcdef")).size(),
            std::string("expected a string, found ").size() + 80 + std::string("...").size());
}

TEST(Options, OutOfRange) {
  EXPECT_EQ(fault("count", integer(0)), "expected an integer, at least 1, found 0 (a count)");
  EXPECT_EQ(fault("rate", 1.5), "expected a number, between 0 and 1, found 1.5 (a rate)");
  EXPECT_EQ(fault("rate", integer(-1)), "expected a number, between 0 and 1, found -1 (a rate)");
  EXPECT_EQ(fault("weight", 0.0), "expected a number, above 0, found 0.0 (a weight)");
  EXPECT_EQ(fault("mode", text("fats")),
            "expected a string, one of \"fast\", \"careful\", found \"fats\"; did you mean 'fast'? (a mode)");
  EXPECT_EQ(fault("folder", text("")), "expected a string, not empty, found \"\" (a folder)");
}

TEST(Options, RefusesWhatIsNoFiniteNumber) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(fault("rate", std::nan("")), "expected a finite number, found nan");
  EXPECT_EQ(fault("weight", infinity), "expected a finite number, found inf");
  EXPECT_EQ(fault("extra", ScalarTable{{"x", -infinity}}), "expected a finite number, found { x = -inf }");
}

TEST(Options, StepsOrRatio) {
  const Range range = steps_or_ratio();
  for (const double good : {1.0, 500.0, 0.1, 0.999}) EXPECT_TRUE(range.holds(good)) << good;
  for (const double bad : {0.0, -1.0, 1.5, -0.1}) EXPECT_FALSE(range.holds(bad)) << bad;
}

TEST(Options, NotEmpty) {
  const Range range = not_empty();
  EXPECT_TRUE(range.holds(std::vector<std::string>{"a"}));
  EXPECT_FALSE(range.holds(std::vector<std::string>{}));
  EXPECT_FALSE(range.holds(std::vector<std::string>{"a", ""}));
}

TEST(Options, RequiredIsWhatHasNoDefaultInItsRange) {
  EXPECT_TRUE(is_required(spec_of("folder")));
  EXPECT_FALSE(is_required(spec_of("files")));
  EXPECT_FALSE(is_required(spec_of("weight")));
  EXPECT_FALSE(is_required(spec_of("count")));
}

TEST(Options, ToToml) {
  EXPECT_EQ(to_toml({}), "");
  EXPECT_EQ(to_toml(true), "true");
  EXPECT_EQ(to_toml(integer(-3)), "-3");
  EXPECT_EQ(to_toml(1.0), "1.0");
  EXPECT_EQ(to_toml(0.1), "0.1");
  EXPECT_EQ(to_toml(2e-5), "2e-05");
  EXPECT_EQ(to_toml(1e300), "1e+300");
  EXPECT_EQ(to_toml(text("a \"b\" \\ \n\t\x01\x7F")), "\"a \\\"b\\\" \\\\ \\n\\t\\u0001\\u007F\"");
  EXPECT_EQ(to_toml(std::vector<std::string>{"a", "b"}), "[\"a\", \"b\"]");
  EXPECT_EQ(to_toml(ScalarTable{}), "{}");
  EXPECT_EQ(to_toml(ScalarTable{{"b c", 1.5}, {"a", std::string("x")}}), "{ a = \"x\", \"b c\" = 1.5 }");
}

TEST(DidYouMean, CountsLetters) {
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("alhpa", "alpha"), 1u) << "a swap is one step";
  EXPECT_EQ(edit_distance("Alpha", "alpha"), 0u);
}

TEST(DidYouMean, OffersOnlyWhatIsNear) {
  const std::vector<std::string> known = {"alpha", "beta", "learning_rate"};
  EXPECT_EQ(did_you_mean("alhpa", known), "; did you mean 'alpha'?");
  EXPECT_EQ(did_you_mean("lerning-rate", known), "; did you mean 'learning_rate'?");
  EXPECT_EQ(did_you_mean("gamma", known), "");
  EXPECT_EQ(did_you_mean("", known), "");
  EXPECT_EQ(did_you_mean(std::string(100000, 'a'), known), "");
}

}  // namespace
}  // namespace sift
