#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/program.h"
#include "support/small_run.h"

namespace sift {
namespace {

using test::SmallRun;
using testing::HasSubstr;
using testing::Not;

TEST(Inspect, ShowsWhatTheModelWillSee) {
  const SmallRun run;
  const auto result = test::sift({"inspect", run.write_config(), "--rows", "1", "--set", "data.packing=true",
                                  "--set", "data.eval_packing=false"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out,
              HasSubstr("scored tokens are in [[double brackets]]\n=== train: 20 rows read, 20 kept"));
  EXPECT_THAT(result.out, HasSubstr("packing bfd: "));
  EXPECT_THAT(result.out, HasSubstr("% full"));
  EXPECT_THAT(result.out, HasSubstr("tokens per document: "));
  EXPECT_THAT(result.out, HasSubstr("--- row 0: 128 tokens"));
  EXPECT_THAT(result.out, Not(HasSubstr("--- row 1:")));
  EXPECT_THAT(result.out, HasSubstr("[["));
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(result.out, HasSubstr("=== eval: 4 rows read"));
  EXPECT_THAT(result.out, HasSubstr("not packed; packing = true would make "));
  EXPECT_FALSE(std::filesystem::exists(run.output_dir())) << "looking must leave nothing behind";
}

TEST(Inspect, BadCallsAreErrors) {
  const SmallRun run;
  EXPECT_EQ(test::sift({"inspect", run.write_config(), "--rows", "-1"}).status, 2);
  const auto missing = test::sift({"inspect", run.write_config(), "--set", "data.train=none-*.jsonl"});
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.err, HasSubstr("none-*.jsonl: no file matches this pattern"));
}

}  // namespace
}  // namespace sift
