#include "data/inspect_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sift/tensors.h>
#include "support/small_run.h"
#include "text/text_processor.h"

namespace sift {
namespace {

using testing::HasSubstr;

class InspectData : public testing::Test {
 protected:
  std::vector<std::int32_t> ids(const std::string& text) const {
    return text_.tokenizer().encode(text, false).ids;
  }
  /// A prompt that is not scored and an answer that is.
  void add_document(const std::string& prompt, const std::string& answer) {
    const auto prompt_ids = ids(prompt), answer_ids = ids(answer);
    data_.start_document();
    data_.add_tokens(prompt_ids, std::vector(prompt_ids.size(), static_cast<std::int32_t>(kIgnoreIndex)));
    data_.add_tokens(answer_ids, answer_ids);
  }
  std::string marked(Marking marking) const {
    return marked_text(data_.documents(0).front(), text_.tokenizer(), marking);
  }

  TextProcessor text_ = TextProcessor::from_folder(test::SmallRun::model_folder(), {});
  TokenDataset data_;
};

TEST_F(InspectData, ScoredTokensAreMarked) {
  data_.start_row();
  add_document("What is it?\n", "A test.<|im_end|>");
  EXPECT_EQ(marked(Marking::kBrackets), "What is it?\n[[A test.<|im_end|>]]");
  EXPECT_EQ(marked(Marking::kColours), "\x1b[2mWhat is it?\n\x1b[0m\x1b[32mA test.<|im_end|>\x1b[0m");
}

TEST_F(InspectData, TheFirstTokenIsNeverScored) {
  data_.add_row(ids("word word"), ids("word word"));
  const std::string text = marked(Marking::kBrackets);
  EXPECT_FALSE(text.starts_with("[[")) << text;
  EXPECT_THAT(text, HasSubstr("[["));
}

TEST_F(InspectData, DataCannotSteerTheTerminal) {
  data_.start_row();
  add_document("a\x1b[31mb\x07", "");
  EXPECT_EQ(marked(Marking::kBrackets), "a\\x1B[31mb\\x07");
}

TEST_F(InspectData, ARowShowsItsDocuments) {
  data_.start_row();
  add_document("ask", " answer");
  add_document("more", " words");
  const std::string text = describe_row(data_, 0, text_.tokenizer(), Marking::kBrackets);
  EXPECT_THAT(text, HasSubstr("scored, 2 documents\n- document 0: "));
  EXPECT_THAT(text, HasSubstr("\nask[[ answer]]\n- document 1: "));
  EXPECT_THAT(text, HasSubstr("\nmore[[ words]]\n"));
}

TEST(LengthHistogram, BarsAreProportional) {
  TokenDataset data;
  for (const std::size_t length : std::initializer_list<std::size_t>{1, 5, 7, 10, 23}) {
    const std::vector<std::int32_t> ids(length, 1);
    data.add_row(ids, ids);
  }
  EXPECT_EQ(length_histogram(data),
            "tokens per document: 1 to 23, 9.2 on average\n"
            "      1 - 5               2 " +
                std::string(50, '#') +
                "\n"
                "      6 - 10              2 " +
                std::string(50, '#') +
                "\n"
                "     11 - 15              0 \n"
                "     16 - 20              0 \n"
                "     21 - 25              1 " +
                std::string(25, '#') + "\n");
  EXPECT_EQ(length_histogram(TokenDataset()), "no documents\n");
  TokenDataset empty;
  empty.add_row({}, {});
  EXPECT_EQ(length_histogram(empty).substr(0, 29), "tokens per document: 0 to 0, ");
}

}  // namespace
}  // namespace sift
