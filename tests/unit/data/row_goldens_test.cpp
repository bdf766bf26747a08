#include <gtest/gtest.h>

#include <fstream>

#include "data/prepare_row.h"
#include "support/small_run.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

/// What TRL's SFTTrainer makes of rows of all kinds (tests/reference/make_row_goldens.py).
class RowGoldens : public testing::Test {
 protected:
  static DataOptions options_of(const Json& golden) {
    DataOptions options;
    const Json& given = golden.at("options");
    if (given.contains("completion_only_loss"))
      options.completion_only_loss = given["completion_only_loss"].get<bool>();
    options.assistant_only_loss = given.value("assistant_only_loss", false);
    return options;
  }

  const Json goldens_ = Json::parse(std::ifstream(SIFT_FIXTURES "/rows.json"));
};

TEST_F(RowGoldens, IdsAndLabelsAreThoseOfTrl) {
  const test::TempFolder folder;
  const std::string chat = folder.write("own.jinja", goldens_.at("template")).string();
  int num_errors = 0;
  for (const Json& golden : goldens_.at("rows")) {
    SCOPED_TRACE(golden.at("name"));
    const std::string row_text = golden.at("row");
    DataOptions options = options_of(golden);
    options.chat_template_path = chat;
    const TextProcessor text = text_processor(test::SmallRun::model_folder(), options);
    const auto prepare = [&] { return RowPreparer(text, options, 1024).prepare(row_text); };
    if (golden.contains("error")) {
      EXPECT_NE(test::error_of(prepare), "");
      ++num_errors;
      continue;
    }
    const PreparedRow row = prepare();
    EXPECT_EQ(row.input_ids, golden.at("input_ids").get<std::vector<std::int32_t>>());
    EXPECT_EQ(row.labels, golden.at("labels").get<std::vector<std::int32_t>>());
  }
  EXPECT_EQ(num_errors, 11);
  EXPECT_GE(goldens_.at("rows").size(), 65U);
}

}  // namespace
}  // namespace sift
