#include "text/training_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include <sift/tensors.h>
#include "data/prepare.h"
#include "data/prepare_row.h"
#include "support/small_run.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// What TRL's own templates for training render (tests/reference/make_training_template_goldens.py).
class TrainingTemplate : public testing::TestWithParam<std::string> {
 protected:
  const Json golden_ = Json::parse(std::ifstream(SIFT_FIXTURES "/training_templates.json")).at(GetParam());
  const std::string source_ = golden_.at("source");
};

TEST_P(TrainingTemplate, RendersTheTextsAndSpansOfTrls) {
  const auto edited = training_template(source_);
  ASSERT_TRUE(edited.has_value());
  const ChatTemplate chat(*edited, GetParam());
  ASSERT_GE(golden_.at("cases").size(), 6U);
  for (const Json& golden : golden_.at("cases")) {
    const RenderedChat found = chat.render(golden.at("context"));
    EXPECT_EQ(found.text, golden.at("text"));
    EXPECT_EQ(Json(found.assistant_spans), golden.at("spans"));
  }
}

TEST_P(TrainingTemplate, IsOneThatMarksNothingYet) {
  EXPECT_FALSE(training_template(*training_template(source_)).has_value());
  EXPECT_FALSE(training_template(source_ + source_).has_value());
  EXPECT_FALSE(training_template("{{ messages[0].content }}").has_value());
}

// Two turns that both think: the stock template shows the first thought to no model.
TEST_P(TrainingTemplate, IsUsedForAssistantOnlyLossAlone) {
  const test::TempFolder folder;
  DataOptions options;
  options.chat_template_path = folder.write("own.jinja", source_).string();
  std::vector<std::string> rows;
  const auto write_rows = [&](const Json& messages) {
    rows = {folder.write("rows.jsonl", Json{{"messages", messages}}.dump()).string()};
  };
  const auto prepare = [&] {
    testing::internal::CaptureStderr();
    const TextProcessor text = text_processor(test::SmallRun::model_folder(), options);
    const std::string log = testing::internal::GetCapturedStderr();
    const PreparedData data = prepare_data(rows, options, text, 1024);
    std::vector<std::int32_t> scored;
    for (const std::int32_t label : data.dataset.labels(0)) {
      if (label != kIgnoreIndex) scored.push_back(label);
    }
    return std::pair(text.tokenizer().decode(scored, false), log);
  };
  write_rows(golden_.at("cases")[1].at("context").at("messages"));
  const auto [plain, plain_log] = prepare();
  EXPECT_THAT(plain, AllOf(HasSubstr("Hi there"), HasSubstr("Done."), Not(HasSubstr("Let me see."))));
  EXPECT_THAT(plain_log, Not(HasSubstr("chat template")));

  options.assistant_only_loss = true;
  const auto [spoken, log] = prepare();
  EXPECT_THAT(spoken, AllOf(Not(HasSubstr("Hi there")), HasSubstr("Let me see."), HasSubstr("Done."),
                            Not(HasSubstr("more")), HasSubstr("End")));
  EXPECT_THAT(log, HasSubstr("for assistant_only_loss every assistant turn keeps its thinking"));

  write_rows(Json::parse(R"([{"role": "user", "content": "hi"}])"));
  EXPECT_THAT(test::error_of([&] { prepare(); }),
              HasSubstr("the row has no message with the role 'assistant'"));
}

INSTANTIATE_TEST_SUITE_P(Stock, TrainingTemplate, testing::Values("qwen3", "deepseek_r1_distill"),
                         [](const auto& model) { return model.param; });

}  // namespace
}  // namespace sift
