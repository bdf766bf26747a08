#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include <sift/error.h>
#include "text/chat_template.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

std::string rendered(const std::string& source, const Json& context = Json::object()) {
  return ChatTemplate(source, "t").render(context).text;
}

/// The text of the error that parsing or rendering ends in.
std::string error_of(const std::string& source, const Json& context = Json::object()) {
  try {
    return "no error: " + rendered(source, context);
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(Jinja, AgreesWithJinja2) {
  setenv("TZ", "UTC", 1);
  std::ifstream file(SIFT_FIXTURES "/jinja/goldens.json");
  ASSERT_TRUE(file) << "run tests/reference/make_jinja_goldens.py";
  Json goldens = Json::parse(file);
  static std::time_t now = goldens["now"].get<std::time_t>();
  ASSERT_GT(goldens["cases"].size(), 1000U);
  for (const Json& golden : goldens["cases"]) {
    const auto& source = golden["template"].get_ref<const std::string&>();
    SCOPED_TRACE(source);
    try {
      RenderedChat out =
          ChatTemplate(source, "t", [] { return now; }).render(golden.value("context", goldens["context"]));
      ASSERT_TRUE(golden.contains("text")) << "jinja2 raises " << golden["error"] << ", not " << out.text;
      EXPECT_EQ(out.text, golden["text"].get<std::string>());
      EXPECT_EQ(Json(out.assistant_spans), golden.value("spans", Json::array()));
    } catch (const Error& error) {
      EXPECT_TRUE(golden.contains("error")) << error.what();
    }
  }
}

TEST(Jinja, ErrorsNameTheirPlace) {
  const std::vector<std::vector<std::string>> cases = {
      {"{{ a.b }}", "t:1:5: 'a' is undefined"},
      {"x\n  {{ 1 + 'a' }}", "t:2:6: unsupported operand types for +: 'int' and 'str'"},
      {"\xC3\xA9\xC3\xA9{{ raise_exception('Roles must alternate') }}", "t:1:6: Roles must alternate"},
      {"{% for x in 5 %}{% endfor %}", "t:1:4: 'int' object is not iterable"},
      {"{% if 1 %}\n", "t:1:11: the template ends before 'endif'"},
      {"a\n{% include 'x' %}", "t:2:4: tag 'include' is not supported in chat templates"},
      {"{% nosuch %}", "t:1:4: unknown tag 'nosuch'"},
      {"{{ 1|nosuch }}", "t:1:6: there is no filter 'nosuch'"},
      {"{{ 1|urlize }}", "t:1:6: filter 'urlize' is not supported"},
      {"{{ 1 is nosuch }}", "t:1:9: there is no test 'nosuch'"},
      {"{{ 1 ! }}", "t:1:6: unexpected character '!'"},
      {"{{ 1 2 }}", "t:1:6: expected '}}', found '2'"},
      {"{{ (1 }}", "t:1:7: unexpected '}', expected ')'"},
      {"{{ 'a", "t:1:4: string literal without an end"},
      {"a{# b", "t:1:2: missing end of comment tag"},
      {"{% raw %}a", "t:1:1: missing end of raw directive"},
      {"{{ 99999999999999999999 }}", "t:1:4: integer literal does not fit in 64 bits"},
      {"{{ 9223372036854775807 + 1 }}", "t:1:4: integer result does not fit in 64 bits"},
      {"{% for x in [1] recursive %}{% endfor %}", "t:1:17: recursive loops are not supported"},
      {"{% break %}", "t:1:4: 'break' outside of a loop"},
      {"{% set ns = 1 %}{% set ns.a = 2 %}",
       "t:1:24: cannot assign an attribute of anything but a namespace"},
      {"{{ [].append(1) }}",
       "t:1:6: access to attribute 'append' of 'list' is refused: templates cannot change values"},
      {"{{ range(200000) }}", "t:1:4: range of more than 100000 items"},
      {"{{ ''.encode() }}", "t:1:6: 'encode' of 'str' is not supported"},
      {"{{ range }}", "t:1:4: a value of type function cannot be printed: its text differs from run to run"},
      {"{{ none|dictsort }}", "t:1:9: dictsort needs a mapping, not NoneType"},
      {"{{ strftime_now('%f') }}", "t:1:4: strftime_now: %f is not supported"},
      {"{% macro m() %}{% generation %}{% endgeneration %}{% endmacro %}",
       "t:1:19: a generation block inside a macro, call, set or filter block is not supported: its place in "
       "the "
       "text is not known"},
  };
  for (const auto& one : cases) EXPECT_EQ(error_of(one[0]), one[1]) << one[0];
}

// As jinja2: what an if in the same frame may leave out is looked for when it runs.
TEST(Jinja, MissingFiltersAndTestsInBranches) {
  EXPECT_EQ(rendered("{% if no %}{{ 1|nosuch }}{{ 1 is nosuch }}{% else %}b{% endif %}"), "b");
  EXPECT_EQ(rendered("{{ (1|nosuch if no else 2) }}"), "2");
  EXPECT_EQ(error_of("{% if 1 %}{{ 1|nosuch }}{% endif %}"), "t:1:16: there is no filter 'nosuch'");
  EXPECT_EQ(error_of("{{ 1 if 1 is nosuch else 2 }}"), "t:1:11: there is no test 'nosuch'");
  const char* const inner[] = {
      "{% for x in [] %}{{ 1|nosuch }}{% endfor %}", "{% set a %}{{ 1|nosuch }}{% endset %}",
      "{% macro m() %}{{ 1|nosuch }}{% endmacro %}", "{% with %}{{ 1|nosuch }}{% endwith %}"};
  for (const std::string frame : inner) {
    EXPECT_NE(error_of("{% if no %}" + frame + "{% endif %}").find("there is no filter"), std::string::npos)
        << frame;
  }
  EXPECT_EQ(rendered("{% if no %}{% for x in 1|nosuch %}{% endfor %}{% endif %}"), "");
}

TEST(Jinja, ReportsTheContextItCannotTake) {
  EXPECT_EQ(error_of("{{ a }}", Json::array()), "t: the variables of a chat template must be an object");
  EXPECT_EQ(error_of("{{ a }}", {{"a", "\xFF"}}), "the variables of a chat template must be valid UTF-8");
  EXPECT_EQ(error_of("\xC0\x80"), "t: a chat template must be valid UTF-8");
  EXPECT_EQ(rendered("{{ b }}", {{"a", "\xFF"}, {"b", 1}}), "1");  // what is not read is not looked at
}

TEST(Jinja, GenerationBlocksAreByteRanges) {
  ChatTemplate chat("{% for m in messages %}<{{ m }}>{% generation %}{{ m }}!{% endgeneration %}{% endfor %}",
                    "t");
  EXPECT_TRUE(chat.has_generation_blocks());
  RenderedChat out = chat.render({{"messages", {"\xC3\xA9", "b"}}});
  EXPECT_EQ(out.text, "<\xC3\xA9>\xC3\xA9!<b>b!");
  std::vector<std::pair<std::size_t, std::size_t>> expected = {{4, 7}, {10, 12}};
  EXPECT_EQ(out.assistant_spans, expected);
  EXPECT_FALSE(ChatTemplate("{{ 1 }}", "t").has_generation_blocks());
}

std::string repeated(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST(Jinja, HostileTemplatesEndInErrors) {
  auto ends_with_error = [](const std::string& source, const std::string& part) {
    std::string error = error_of(source);
    EXPECT_NE(error.find(part), std::string::npos) << source.substr(0, 80) << "\n" << error.substr(0, 200);
  };
  ends_with_error("{{ " + repeated("(", 100000) + repeated(")", 100000) + " }}", "nested deeper");
  ends_with_error("{{ " + repeated("[", 5000) + repeated("]", 5000) + " }}", "nested deeper");
  ends_with_error("{{ " + repeated("not ", 100000) + "1 }}", "nested deeper");
  ends_with_error("{{ 1" + repeated(" + 1", 100000) + " }}", "nested deeper");
  ends_with_error("{{ a" + repeated(".a", 100000) + " }}", "nested deeper");
  ends_with_error("{{ a" + repeated("|string", 100000) + " }}", "nested deeper");
  ends_with_error("{{ 1" + repeated(" if 1 else 1", 100000) + " }}", "nested deeper");
  ends_with_error(repeated("{% if 1 %}", 100000), "nested deeper");
  ends_with_error("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "too deeply");
  ends_with_error("{{ 'a' * 1000000000000 }}", "longer than");
  ends_with_error("{{ [1] * 1000000000000 }}", "items");
  ends_with_error(
      "{% set ns = namespace(x='aaaaaaaa') %}{% for i in range(90) %}{% set ns.x = ns.x + ns.x %}{% endfor "
      "%}",
      "longer than");
  ends_with_error("{% for i in range(100000) %}" + std::string(5000, 'x') + "{% endfor %}", "longer than");
  ends_with_error("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
                  "too long");
  ends_with_error(
      "{% set ns = namespace(x=[]) %}{% for i in range(1000) %}{% set ns.x = [ns.x] %}{% endfor %}",
      "nested deeper");
  ends_with_error("{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}", "cannot be printed");
}

TEST(Jinja, LongChainsAreTakenApart) {
  EXPECT_EQ(rendered("{% set ns = namespace(x=none) %}{% for i in range(100000) %}"
                     "{% set ns.x = namespace(x=ns.x) %}{% endfor %}ok"),
            "ok");
  EXPECT_EQ(
      rendered("{% macro f(p) %}{% macro g() %}{{ p }}{% endmacro %}{% set ns.x = g %}{% endmacro %}"
               "{% set ns = namespace(x=none) %}{% for i in range(50000) %}{{ f(ns.x) }}{% endfor %}ok"),
      "ok");
  std::string concatenation = "{{ 'a'" + repeated(" ~ 'a'", 50000) + " }}";
  EXPECT_EQ(rendered(concatenation).size(), 50001U);
  std::string branches = "{% if 0 %}" + repeated("{% elif 0 %}", 20000) + "{% else %}x{% endif %}";
  EXPECT_EQ(rendered(branches), "x");
}

TEST(Jinja, OneTemplateRendersOnManyThreads) {
  const ChatTemplate chat(
      "{% macro m(x) %}[{{ x.role|upper }}: {{ x.content|trim }}]{% endmacro %}"
      "{% for x in messages %}{{ m(x) }}{{ {'n': [1, 2]}|tojson }}{% endfor %}",
      "t");
  Json context = {{"messages", {{{"role", "user"}, {"content", " hi "}}}}};
  std::vector<std::thread> threads;
  std::vector<std::string> texts(4);
  for (std::string& text : texts) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) text = chat.render(context).text;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& text : texts) EXPECT_EQ(text, "[USER: hi]{\"n\": [1, 2]}");
}

}  // namespace
}  // namespace sift
