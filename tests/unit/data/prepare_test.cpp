#include "data/prepare.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/pack_dataset.h"
#include "data/prepare_row.h"
#include "data/sampler.h"
#include "support/same_dataset.h"
#include "support/small_run.h"

namespace sift {
namespace {

using test::error_of;
using test::SmallRun;
using testing::HasSubstr;

constexpr std::int64_t kVocabulary = 1024;
constexpr std::int32_t kUnscored = -100;

class Prepare : public testing::Test {
 protected:
  PreparedRow row(const std::string& json) const {
    return RowPreparer(text_, options_, kVocabulary).prepare(json);
  }
  std::vector<std::int32_t> ids(const std::string& text) const {
    return text_.tokenizer().encode(text, true).ids;
  }
  static std::int64_t unscored(const PreparedRow& row) {
    return std::count(row.labels.begin(), row.labels.end(), kUnscored);
  }

  DataOptions options_;
  TextProcessor text_ = TextProcessor::from_folder(SmallRun::model_folder(), {});
};

TEST_F(Prepare, TextEndsWithOneEosToken) {
  EXPECT_EQ(row(R"({"text": "some words"})").input_ids, ids("some words<|im_end|>"));
  EXPECT_EQ(row(R"({"text": "some words<|im_end|>"})").input_ids, ids("some words<|im_end|>"));
  options_.dataset_text_field = "body";
  const PreparedRow renamed = row(R"({"body": "some words"})");
  EXPECT_EQ(renamed.input_ids, ids("some words<|im_end|>"));
  EXPECT_EQ(renamed.labels, renamed.input_ids);
}

TEST_F(Prepare, TextsAndCompletionsNeedAnEosToken) {
  const test::TempFolder folder;
  std::filesystem::copy(SmallRun::model_folder(), folder / "model");
  folder.write("model/tokenizer_config.json", "{}");
  text_ = TextProcessor::from_folder(folder / "model", {});
  const auto no_eos = HasSubstr(
      "the tokenizer names no eos_token to end a text or completion with; name one of its tokens with "
      "eos_token in [data]");
  EXPECT_THAT(error_of([&] { row(R"({"text": "some words"})"); }), no_eos);
  EXPECT_THAT(error_of([&] { row(R"({"prompt": "some", "completion": " words"})"); }), no_eos);
  EXPECT_EQ(error_of([&] { row(R"({"messages": [{"role": "user", "content": "hi"}]})"); }), "");
  text_ =
      TextProcessor::from_folder(folder / "model", {.chat_template_path = {}, .eos_token = "<|endoftext|>"});
  EXPECT_EQ(row(R"({"text": "some words"})").input_ids, ids("some words<|endoftext|>"));
}

TEST_F(Prepare, RowsWithToolsTakeTheirTemplate) {
  const test::TempFolder folder;
  std::filesystem::copy(SmallRun::model_folder(), folder / "model");
  folder.write("model/additional_chat_templates/tool_use.jinja", "{{ tools | length }} tools");
  text_ = TextProcessor::from_folder(folder / "model", {});
  const std::string user = R"({"messages": [{"role": "user", "content": "hi"}])";
  EXPECT_EQ(row(user + R"(, "tools": [{"name": "f"}]})").input_ids, ids("1 tools"));
  EXPECT_EQ(row(user + "}").input_ids, ids("<|im_start|>user\nhi<|im_end|>\n"));
}

TEST_F(Prepare, MessagesAreRenderedAndGetNoEosOfTheirOwn) {
  const PreparedRow chat =
      row(R"({"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}]})");
  EXPECT_EQ(chat.input_ids, ids("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\nyo<|im_end|>\n"));
  EXPECT_EQ(unscored(chat), 0);
  // ShareGPT's names and keys without a value mean the same
  EXPECT_EQ(
      row(R"({"conversations": [{"from": "user", "value": "hi"}, {"from": "assistant", "value": "yo"}]})")
          .input_ids,
      chat.input_ids);
  EXPECT_EQ(
      row(R"({"messages": [{"role": "user", "content": "hi", "name": null}, {"role": "assistant", "content": "yo"}]})")
          .input_ids,
      chat.input_ids);
}

TEST_F(Prepare, AssistantOnlyLossScoresWhatTheTemplateMarks) {
  options_.assistant_only_loss = true;
  const PreparedRow chat =
      row(R"({"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}]})");
  const std::vector<std::int32_t> answer = ids("yo<|im_end|>");
  std::vector<std::int32_t> scored;
  std::ranges::copy_if(chat.labels, std::back_inserter(scored),
                       [](std::int32_t label) { return label != kUnscored; });
  EXPECT_EQ(scored, answer);
  EXPECT_THAT(error_of([&] { row(R"({"messages": [{"role": "user", "content": "hi"}]})"); }),
              HasSubstr("the row has no message with the role 'assistant'"));
  EXPECT_THAT(error_of([&] { row(R"({"text": "hi"})"); }),
              HasSubstr("assistant_only_loss = true needs 'messages'"));
}

TEST_F(Prepare, PromptIsNotScoredUnlessAsked) {
  const std::string json = R"({"prompt": "What is it?\n", "completion": "A test."})";
  const PreparedRow masked = row(json);
  EXPECT_EQ(masked.input_ids, ids("What is it?\nA test.<|im_end|>"));
  EXPECT_EQ(unscored(masked), static_cast<std::int64_t>(ids("What is it?\n").size()));
  options_.completion_only_loss = false;
  EXPECT_EQ(unscored(row(json)), 0);
  options_.completion_only_loss = true;
  EXPECT_THAT(error_of([&] { row(R"({"text": "hi"})"); }),
              HasSubstr("completion_only_loss = true needs 'prompt'"));
}

TEST_F(Prepare, PromptAndCompletionMayBeMessages) {
  const PreparedRow chat = row(
      R"({"prompt": [{"role": "user", "content": "hi"}], "completion": [{"role": "assistant", "content": "yo"}]})");
  EXPECT_EQ(chat.input_ids, ids("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\nyo<|im_end|>\n"));
  EXPECT_EQ(unscored(chat),
            static_cast<std::int64_t>(ids("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n").size()));
  EXPECT_TRUE(chat.prompt_is_prefix);
}

TEST_F(Prepare, IdsAreThoseOfTheModel) {
  EXPECT_THAT(error_of([&] { row(R"({"input_ids": [5, 4096]})"); }), HasSubstr("token id 4096 is outside"));
}

TEST_F(Prepare, RowsWithoutAFormListWhatTheyHave) {
  EXPECT_EQ(
      error_of([&] { row(R"({"text": null, "prompt": "a"})"); }),
      "no 'messages', 'prompt' and 'completion', 'text' or 'input_ids' in the row; found: text (null), prompt");
  EXPECT_THAT(error_of([&] { row("{}"); }), HasSubstr("in the row; found: nothing"));
  EXPECT_EQ(error_of([&] { row(R"({"text": 5})"); }), "'text' is 5; expected a string");
  EXPECT_EQ(error_of([&] { row(R"({"prompt": [{"role": "user", "content": "a"}], "completion": "a"})"); }),
            "'completion' is \"a\"; expected a list");
  EXPECT_EQ(error_of([&] { row(R"({"prompt": "a", "completion": [{"role": "assistant"}]})"); }),
            "'completion' is [{\"role\":\"assistant\"}]; expected a string");
  EXPECT_EQ(error_of([&] { row(R"({"prompt": [{"role": "user", "content": "a"}], "completion": []})"); }),
            "'completion' is []; expected at least one message");
}

TEST_F(Prepare, UnusedMasksAreAWarning) {
  const test::TempFolder folder;
  const std::string file = folder
                               .write("rows.jsonl",
                                      "{\"input_ids\": [1, 2], \"completion_mask\": [false, true]}\n"
                                      "{\"input_ids\": [1, 2], \"labels\": [1, 2]}\n")
                               .string();
  EXPECT_THAT(prepare_data({file}, options_, text_, kVocabulary).counts.warnings(),
              testing::ElementsAre(HasSubstr("1 of 2 rows have a 'completion_mask' that has no effect")));
  options_.completion_only_loss = false;
  EXPECT_TRUE(prepare_data({file}, options_, text_, kVocabulary).counts.warnings().empty());
}

TEST_F(Prepare, RowsAreTruncatedDroppedAndCounted) {
  const test::TempFolder folder;
  const std::string file = folder
                               .write("rows.jsonl",
                                      "{\"input_ids\": [1, 2, 3, 4, 5]}\n"
                                      "\n"
                                      "{\"input_ids\": [1, 2, 3, 4], \"labels\": [-100, -100, -100, 4]}\n"
                                      "{\"input_ids\": []}\n"
                                      "{\"input_ids\": [7]}\n")
                               .string();
  options_.max_length = 3;
  const PreparedData data = prepare_data({file, file}, options_, text_, kVocabulary);
  const PrepareCounts& counts = data.counts;
  EXPECT_EQ(counts.rows_read, 8);
  EXPECT_EQ(counts.rows_kept, 4);
  EXPECT_EQ(counts.truncated, 4);
  EXPECT_EQ(counts.dropped_unscored, 2);
  EXPECT_EQ(counts.dropped_empty, 2);
  EXPECT_EQ(counts.kept_unscored, 2);  // one token: it has no target, but TRL keeps it
  EXPECT_EQ(counts.tokens, 8);
  EXPECT_EQ(counts.scored_tokens, 4);
  EXPECT_EQ(data.dataset.num_rows(), 4);
  // without a limit nothing is cut and nothing is dropped, as in TRL
  options_.max_length = 0;
  EXPECT_EQ(prepare_data({file}, options_, text_, kVocabulary).counts.rows_kept, 3);
}

TEST_F(Prepare, BadRowIsNamedWithFileAndLine) {
  const test::TempFolder folder;
  std::string rows;
  for (int i = 0; i < 100; ++i) rows += "{\"text\": \"fine\"}\n";
  const std::string file = folder.write("rows.jsonl", rows + "\n[1]\n{\n").string();
  EXPECT_EQ(error_of([&] { prepare_data({file}, options_, text_, kVocabulary); }),
            file + ":102: expected a JSON object, found [1]");
}

TEST_F(Prepare, ShuffledRowsArePackedAndShuffledAgain) {
  const test::TempFolder folder;
  std::string rows;
  for (std::size_t row = 0; row < 40; ++row)
    rows += fmt::format("{{\"input_ids\": [{}]}}\n",
                        fmt::join(std::vector<std::size_t>(1 + row * 7 % 9, row), ", "));
  const std::vector<std::string> files{folder.write("rows.jsonl", rows).string()};
  options_.max_length = 8;
  for (const char* strategy : {"bfd", "bfd_split", "wrapped"}) {
    options_.packing_strategy = strategy;
    const PreparedData prepared =
        prepare_data(files, options_, text_, kVocabulary, {.packing = true, .shuffle_seed = 5});
    const TokenDataset& found = prepared.dataset;
    EXPECT_EQ(prepared.files, files);
    std::uint64_t begin = 0;
    for (const auto& [end, origin] : found.buffers().excerpts) {
      EXPECT_EQ(origin.line, found.buffers().input_ids[begin] + 1);
      begin = end;
    }

    // one after the other; of rows that are too long only bfd loses the rest
    options_.max_length = options_.packing_strategy == "bfd" ? 8 : 0;
    const TokenDataset whole = prepare_data(files, options_, text_, kVocabulary).dataset;
    options_.max_length = 8;
    const TokenDataset first = reordered(whole, shuffled_order(whole.num_rows(), 5));
    const TokenDataset packed = pack(first, {8, packing_strategy_of(strategy)});
    const TokenDataset expected = reordered(packed, shuffled_order(packed.num_rows(), 5));
    SCOPED_TRACE(strategy);
    test::expect_same(found, expected);
  }
}

}  // namespace
}  // namespace sift
