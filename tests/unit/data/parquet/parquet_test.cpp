#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/parquet_module.h"
#include "data/prepare.h"
#include "data/prepare_row.h"
#include "support/small_run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using testing::HasSubstr;

fs::path fixture(const std::string& name) {
  return fs::path(SIFT_FIXTURES) / "parquet" / name;
}

/// Renders everything that a row may bring.
constexpr const char* kTemplate =
    "{% if tools %}{{ tools | tojson }}\n{% endif %}{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "{{ m.content }}{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

class Parquet : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(parquet_module())) GTEST_SKIP() << "this build has no Arrow";
    options_.max_length = 0;
    options_.chat_template_path = folder_.write("own.jinja", kTemplate).string();
  }

  PreparedData prepare(const std::vector<std::string>& files) const {
    const TextProcessor text = text_processor(test::SmallRun::model_folder(), options_);
    return prepare_data(files, options_, text, 1024);
  }
  std::string error_with(const fs::path& file) const {
    return error_of([&] { prepare({file.string()}); });
  }

  test::TempFolder folder_;
  DataOptions options_;
};

void expect_same(const PreparedData& found, const PreparedData& expected) {
  const auto a = found.dataset.buffers(), b = expected.dataset.buffers();
  EXPECT_TRUE(std::ranges::equal(a.input_ids, b.input_ids));
  EXPECT_TRUE(std::ranges::equal(a.labels, b.labels));
  EXPECT_TRUE(std::ranges::equal(a.row_ends, b.row_ends));
  EXPECT_EQ(found.counts.to_string(), expected.counts.to_string());
}

TEST_F(Parquet, RowsAreThoseOfTheSameLines) {
  for (const char* name : {"chats", "tools_as_text", "texts", "prompts", "prompt_chats", "tokens", "masks",
                           "calls", "calls_of_others"}) {
    SCOPED_TRACE(name);
    const std::string file = fixture(name).string();
    const PreparedData lines = prepare({file + ".jsonl"});
    EXPECT_GE(lines.dataset.num_rows(), 5);
    EXPECT_GT(lines.counts.scored_tokens, 0);
    expect_same(prepare({file + ".parquet"}), lines);
  }
}

TEST_F(Parquet, ToolsAndSpansAreReadInTheSameWay) {
  options_.assistant_only_loss = true;
  const PreparedData lines = prepare({fixture("chats.jsonl").string()});
  EXPECT_EQ(lines.counts.spans_by_prefixes, 7);
  expect_same(prepare({fixture("chats.parquet").string()}), lines);
  expect_same(prepare({fixture("tools_as_text.parquet").string()}), lines);
}

// Nulls in JSON are data; those of a struct stand for keys that a row does not have.
TEST_F(Parquet, ColumnsOfJsonAreRead) {
  const TextProcessor text = text_processor(test::SmallRun::model_folder(), options_);
  const PreparedData data = prepare({fixture("calls.parquet").string()});
  const std::string shown =
      text.tokenizer().decode(data.dataset.documents(0).at(0).input_ids, /*skip_special_tokens=*/false);
  EXPECT_THAT(shown, HasSubstr(R"({"name": "now", "parameters": {)"));
  EXPECT_THAT(shown, HasSubstr(R"("zone": {"type": "string", "default": null})"));
  EXPECT_THAT(shown, HasSubstr(R"({"zone": null, "at": [null, 0]})"));
  EXPECT_THAT(shown, HasSubstr(R"({"a": 100000000000000000000})"));
  EXPECT_THAT(error_with(fixture("broken_json.parquet")),
              HasSubstr("broken_json.parquet: row 1: column 'messages': not valid JSON: "));
}

TEST_F(Parquet, ImagesAreRefusedBeforeTheyAreRead) {
  EXPECT_THAT(error_with(fixture("images.parquet")), HasSubstr("images.parquet: the data has 'images'"));
}

TEST_F(Parquet, FilesAndPatternsMix) {
  const std::string lines = fixture("texts.jsonl").string();
  expect_same(prepare({fixture("text*.parquet").string(), lines}), prepare({lines, lines}));
}

TEST_F(Parquet, BadFilesAreNamed) {
  const std::string whole = test::read_file(fixture("chats.parquet"));
  EXPECT_THAT(error_with(folder_.write("cut.parquet", whole.substr(0, whole.size() / 2))),
              HasSubstr("cut.parquet: cannot be read as Parquet, it may be truncated or damaged: "));
  EXPECT_THAT(error_with(folder_.write("empty.parquet", "")), HasSubstr("empty.parquet: the file is empty"));
  EXPECT_THAT(error_with(folder_.write("lines.parquet", "{}")),
              HasSubstr("lines.parquet: not a Parquet file: give it the extension"));
  EXPECT_THAT(
      error_with(folder_.write("whole.parquet.gz", "\x1F\x8B\b")),
      HasSubstr("whole.parquet.gz: not a Parquet file: the file is compressed with gzip; decompress it"));
  std::string damaged = whole;
  std::fill_n(damaged.begin() + 64, 128, '\xff');  // a page, not the footer
  EXPECT_THAT(error_with(folder_.write("damaged.parquet", damaged)),
              HasSubstr("damaged.parquet: cannot be read as Parquet"));
  EXPECT_THAT(error_with(folder_ / "nowhere.parquet"),
              HasSubstr("nowhere.parquet: cannot open the data file: No such file or directory; see [data]"));
  EXPECT_THAT(error_with(fixture("no_rows.parquet")), HasSubstr("no_rows.parquet: the file holds no rows"));
}

TEST_F(Parquet, MissingColumnsAndBadRowsAreNamed) {
  EXPECT_THAT(
      error_with(fixture("prices.parquet")),
      HasSubstr(
          "prices.parquet: has none of the columns messages, conversations, prompt, completion, text, "));
  EXPECT_THAT(error_with(fixture("prices.parquet")), HasSubstr("; found: price"));
  options_.dataset_text_field = "price";
  EXPECT_THAT(error_with(fixture("prices.parquet")),
              HasSubstr("prices.parquet: row 1: 'price' is 1.5; expected a string"));
  EXPECT_THAT(error_with(fixture("texts.parquet")),
              HasSubstr("texts.parquet: row 1: column 'price': the type decimal128(3, 2) is not supported"));
  options_.dataset_text_field = "text";
  const auto text = TextProcessor::from_folder(test::SmallRun::model_folder(), {});
  EXPECT_THAT(error_of([&] { prepare_data({fixture("tokens.parquet").string()}, options_, text, 14); }),
              HasSubstr("tokens.parquet: row 6: 'labels[9]' is 14"));
}

TEST(ParquetModule, ABuildWithoutItSaysHowToGetIt) {
  const std::string error =
      error_of([] { open_parquet("rows.parquet", {"text"}, "nowhere/libsift_parquet.so"); });
  EXPECT_THAT(
      error,
      HasSubstr(
          "rows.parquet: this sift was built without Parquet (nowhere/libsift_parquet.so was not found)"));
  EXPECT_THAT(error, HasSubstr("pyarrow in CMAKE_PREFIX_PATH"));
  const test::TempFolder folder;
  const auto broken = folder.write("broken.so", "x");
  EXPECT_THAT(error_of([&] { open_parquet("rows.parquet", {"text"}, broken); }),
              HasSubstr("rows.parquet: Parquet cannot be read: "));
}

}  // namespace
}  // namespace sift
