#include "data/ready_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/exact_json.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// What is scored: RowGoldens.
class ReadyIds : public testing::Test {
 protected:
  PreparedRow row(const std::string& text) const {
    const auto json = parse_exact_json(text);
    return ready_ids(JsonFields(json), options_, /*vocab_size=*/1024);
  }
  std::string fault(const std::string& text) const {
    return test::error_of([&] { row(text); });
  }

  DataOptions options_;
};

TEST_F(ReadyIds, AreTakenAsTheyAre) {
  EXPECT_THAT(row(R"({"input_ids": [5, 6, 7]})").labels, ElementsAre(5, 6, 7));
  EXPECT_THAT(row(R"({"input_ids": [5, 6, 7], "labels": [-100, 6, 7]})").labels, ElementsAre(-100, 6, 7));
}

TEST_F(ReadyIds, SayWhereAMaskHasNoEffect) {
  const char* masked = R"({"input_ids": [5, 6], "completion_mask": [false, 1]})";
  EXPECT_TRUE(row(masked).mask_is_unused);
  EXPECT_THAT(row(masked).labels, ElementsAre(5, 6));
  EXPECT_FALSE(row(R"({"input_ids": [5, 6]})").mask_is_unused);
  options_.completion_only_loss = false;
  EXPECT_FALSE(row(masked).mask_is_unused);
  options_.completion_only_loss = true;
  EXPECT_FALSE(row(masked).mask_is_unused);
  EXPECT_THAT(row(masked).labels, ElementsAre(-100, 6));
}

TEST_F(ReadyIds, OfOtherTypesAreErrors) {
  EXPECT_EQ(fault(R"({"input_ids": "5"})"), R"('input_ids' is "5"; expected a list)");
  EXPECT_EQ(fault(R"({"input_ids": [5, "x"]})"), R"('input_ids[1]' is "x"; expected a token id)");
  for (const char* number :
       {"-1", "2.5", "true", "4294967296", "18446744073709551615", "18446744073709551616"}) {
    EXPECT_EQ(fault(std::string(R"({"input_ids": [)") + number + "]}"),
              std::string("'input_ids[0]' is ") + number + "; expected a token id");
  }
  EXPECT_EQ(fault(R"({"input_ids": [5], "labels": [5000]})"),
            "'labels[0]' is 5000; expected a token id or -100");
  EXPECT_EQ(fault(R"({"input_ids": [5], "labels": [-5]})"), "'labels[0]' is -5; expected a token id or -100");
  EXPECT_EQ(fault(R"({"input_ids": [5, 6], "labels": [5]})"), "'labels' has 1 entries, 'input_ids' has 2");
  EXPECT_EQ(fault(R"({"input_ids": [5, 6], "assistant_masks": [1]})"),
            "'assistant_masks' has 1 entries, 'input_ids' has 2");
  EXPECT_EQ(fault(R"({"input_ids": [5], "assistant_masks": ["1"]})"),
            R"('assistant_masks[0]' is "1"; expected 0, 1, true or false)");
}

TEST_F(ReadyIds, HaveTheMasksThatTheOptionsAskFor) {
  options_.completion_only_loss = true;
  EXPECT_THAT(fault(R"({"input_ids": [5]})"), HasSubstr("has no 'completion_mask' and no 'labels'"));
  EXPECT_EQ(fault(R"({"input_ids": [5], "labels": [5]})"), "");
  options_.completion_only_loss = std::nullopt;
  options_.assistant_only_loss = true;
  EXPECT_THAT(fault(R"({"input_ids": [5]})"), HasSubstr("has no 'assistant_masks' and no 'labels'"));
  EXPECT_EQ(fault(R"({"input_ids": [5], "assistant_masks": [1]})"), "");
}

}  // namespace
}  // namespace sift
