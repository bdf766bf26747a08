#include "text/stop_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "data/prepare_row.h"
#include "support/small_run.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

TEST(StopToken, IsTrainedWhereTrlSaysSo) {
  const test::TempFolder folder;
  const Json goldens = Json::parse(std::ifstream(SIFT_FIXTURES "/rows.json")).at("stop_tokens");
  ASSERT_GE(goldens.size(), 7U);
  for (const Json& golden : goldens) {
    SCOPED_TRACE(golden.at("template"));
    TextOverrides overrides;
    overrides.chat_template_path = folder.write("own.jinja", golden.at("template")).string();
    overrides.assistant_only_loss = true;
    const auto text = TextProcessor::from_folder(test::SmallRun::model_folder(), overrides);
    EXPECT_EQ(trains_stop_token(text), golden.at("trained").get<bool>());
  }
}

TEST(StopToken, OutsideTheBlocksGivesAWarning) {
  const test::TempFolder folder;
  DataOptions options;
  options.chat_template_path =
      folder
          .write(
              "own.jinja",
              "{% for m in messages %}{% generation %}{{ m.content }}{% endgeneration %}<|im_end|>{% endfor %}")
          .string();
  const auto warning = [&] {
    testing::internal::CaptureStderr();
    text_processor(test::SmallRun::model_folder(), options);
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(warning(), "");
  options.assistant_only_loss = true;
  EXPECT_THAT(warning(), HasSubstr("do not contain the token that ends a turn"));
  options.chat_template_path.clear();
  EXPECT_EQ(warning(), "");
}

}  // namespace
}  // namespace sift
