#include "text/assistant_spans.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/prepare.h"
#include "data/prepare_row.h"
#include "support/small_run.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;
using test::error_of;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kChat =
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}"
    "{% for call in m.tool_calls or [] %}<call>{{ call.function.name }}</call>{% endfor %}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
// thinks aloud in its last turn only
const std::string kForgetful =
    "{% for m in messages %}<{{ m.role }}>{% if m.role == 'assistant' and loop.last %}<think>\n</think>{% "
    "endif %}"
    "{{ m.content }}<end>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";
const std::string kConversation =
    R"([{"role": "system", "content": "be kind"}, {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "yo"}, {"role": "user", "content": "and?"},
        {"role": "assistant", "content": "that is all"}])";

std::vector<std::string> said(const std::string& source, const std::string& messages,
                              std::size_t first_message = 0) {
  const ChatTemplate chat(source, "own.jinja");
  const Json context = {{"messages", Json::parse(messages)},
                        {"tools", nullptr},
                        {"eos_token", "</s>"},
                        {"add_generation_prompt", false}};
  const std::string whole = chat.render(context).text;
  std::vector<std::string> texts;
  for (const auto& [begin, end] : assistant_spans_by_prefixes(chat, context, whole, first_message))
    texts.push_back(whole.substr(begin, end - begin));
  return texts;
}

TEST(AssistantSpans, AreFromTheGenerationPromptToTheEndOfTheTurn) {
  EXPECT_THAT(said(kChat, kConversation), ElementsAre("yo<|im_end|>\n", "that is all<|im_end|>\n"));
  EXPECT_THAT(said(kChat, kConversation, 3), ElementsAre("that is all<|im_end|>\n"));
  EXPECT_THAT(said(kChat, R"([{"role": "user", "content": "hi"}])"), ElementsAre());
}

TEST(AssistantSpans, HoldCallsOfToolsButNotTheirResults) {
  const std::string messages =
      R"([{"role": "user", "content": "time?"},
          {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "now"}}]},
          {"role": "tool", "content": "12:30"}, {"role": "assistant", "content": "Half past noon."}])";
  EXPECT_THAT(said(kChat, messages),
              ElementsAre("<call>now</call><|im_end|>\n", "Half past noon.<|im_end|>\n"));
}

TEST(AssistantSpans, TheEndOfTheConversationBelongsToTheLastTurnAlone) {
  const std::string closing =
      "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
      "{% if add_generation_prompt %}<|assistant|>{% else %}{{ eos_token }}{% endif %}";
  EXPECT_THAT(said(closing, kConversation), ElementsAre("yo<|end|>", "that is all<|end|></s>"));
}

TEST(AssistantSpans, WhatDependsOnLaterMessagesIsRefused) {
  const std::string error = error_of([] { said(kForgetful, kConversation); });
  EXPECT_THAT(error,
              HasSubstr("the text up to message 3 is rendered differently when the conversation ends there"));
  EXPECT_THAT(error, HasSubstr("'><assistant><think>\\n"));
  EXPECT_THAT(error,
              HasSubstr("set chat_template_path in [data] to a template with {% generation %}, or convert"));
  // the last answer alone can be told, which is what a row of prompt and completion asks for
  EXPECT_THAT(said(kForgetful, kConversation, 4), ElementsAre("<think>\n</think>that is all<end>"));
  const std::string other_prompt =
      "{% for m in messages %}<{{ m.role }}>{{ m.content }}<end>{% endfor %}"
      "{% if add_generation_prompt %}<assistant><think>{% endif %}";
  EXPECT_THAT(error_of([&] { said(other_prompt, kConversation); }), HasSubstr("the text before message 3"));
}

TEST(AssistantSpans, ATurnWithoutAnEndIsRefused) {
  const std::string endless =
      "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
      "{% if add_generation_prompt %}<assistant>{% endif %}";
  EXPECT_THAT(error_of([&] { said(endless, kConversation); }),
              HasSubstr("message 3 ends there with its content, without an end-of-turn marker"));
}

TEST(AssistantSpans, PrefixesThatCannotBeRenderedAreNamed) {
  const std::string strict = "{{ messages[0].role[0] }}" + kChat;
  EXPECT_THAT(error_of([&] { said(strict, R"([{"role": "assistant", "content": "hi"}])"); }),
              HasSubstr("the first 0 messages cannot be rendered alone (own.jinja:1:"));
}

/// The same through the preparation of data.
class AssistantOnly : public testing::Test {
 protected:
  PreparedData prepare(const std::string& source, const std::string& rows) {
    options_.assistant_only_loss = true;
    options_.chat_template_path = folder_.write("own.jinja", source).string();
    const TextProcessor text = text_processor(test::SmallRun::model_folder(), options_);
    return prepare_data({folder_.write("rows.jsonl", rows).string()}, options_, text, 1024);
  }
  std::string rows_of(const std::string& conversation) const {
    std::string line = conversation;
    std::erase(line, '\n');
    return "{\"messages\": " + line + "}\n";
  }

  test::TempFolder folder_;
  DataOptions options_;
};

TEST_F(AssistantOnly, PrefixesAndGenerationBlocksGiveTheSameLabels) {
  const std::string marked =
      "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' %}{% generation %}"
      "{{ m.content }}<|im_end|>\n{% endgeneration %}{% else %}{{ m.content }}<|im_end|>\n{% endif %}{% "
      "endfor %}";
  const PreparedData blocks = prepare(marked, rows_of(kConversation));
  const PreparedData prefixes = prepare(kChat, rows_of(kConversation));
  EXPECT_TRUE(std::ranges::equal(prefixes.dataset.input_ids(0), blocks.dataset.input_ids(0)));
  EXPECT_TRUE(std::ranges::equal(prefixes.dataset.labels(0), blocks.dataset.labels(0)));
  EXPECT_GT(prefixes.counts.scored_tokens, 4);
  EXPECT_LT(prefixes.counts.scored_tokens, prefixes.counts.tokens / 2);
  EXPECT_THAT(prefixes.counts.to_string(),
              HasSubstr("1 whose assistant spans were found by rendering prefixes, because the chat template "
                        "has no {% generation %}"));
  EXPECT_THAT(blocks.counts.to_string(), testing::Not(HasSubstr("prefixes")));
}

TEST_F(AssistantOnly, APromptNeedsNoSpansOfItsOwn) {
  const std::string row =
      R"({"prompt": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"},)"
      R"( {"role": "user", "content": "and?"}], "completion": [{"role": "assistant", "content": "all"}]})";
  EXPECT_GT(prepare(kForgetful, row).counts.scored_tokens, 0);
  options_.completion_only_loss = false;
  EXPECT_THAT(error_of([&] { prepare(kForgetful, row); }), HasSubstr("message 2 is rendered differently"));
}

TEST_F(AssistantOnly, RefusalsNameTheLine) {
  const std::string fine =
      rows_of(R"([{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}])");
  EXPECT_THAT(error_of([&] { prepare(kForgetful, fine + rows_of(kConversation)); }),
              HasSubstr("rows.jsonl:2: assistant_only_loss = true: the chat template marks nothing"));
  EXPECT_THAT(
      error_of([&] { prepare(kChat, fine + rows_of(R"([{"role": "user", "content": "hi"}])")); }),
      HasSubstr("rows.jsonl:2: assistant_only_loss = true, but the row has no message with the role"));
  EXPECT_THAT(error_of([&] { prepare("{% generation %}{% endgeneration %}" + kChat, fine); }),
              HasSubstr("rows.jsonl:1: assistant_only_loss = true, but the chat template marks no part"));
}

}  // namespace
}  // namespace sift
