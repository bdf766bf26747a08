#include "text/training_template.h"

#include <array>
#include <span>
#include <string_view>

namespace sift {
namespace {

struct Edit {
  std::string_view found;
  std::string_view replaced;
};

/// The turn's header comes before the block, the thinking whatever turn it is.
constexpr std::array<Edit, 4> kQwen3 = {
    {{"{%- if loop.index0 > ns.last_query_index %}",
      R"({{- '<|im_start|>' + message.role + '\n' }}{%- generation %}{%- if true %})"},
     {"{%- if loop.last or (not loop.last and reasoning_content) %}", "{%- if true %}"},
     {R"('<|im_start|>' + message.role + '\n<think>\n')", R"('<think>\n')"},
     {R"({%- elif message.role == "tool" %})", R"({%- endgeneration %}{%- elif message.role == "tool" %})"}}};

/// Nothing is cut from the content; answers, those to results of tools, and calls of tools are marked.
constexpr std::array<Edit, 5> kDeepSeekR1Distill = {
    {{"{% if '</think>' in content %}{% set content = content.split('</think>')[-1] %}{% endif %}", ""},
     {"{{'<｜Assistant｜>' + content + '<｜end▁of▁sentence｜>'}}",
      "{%- generation %}{{'<｜Assistant｜>' + content + '<｜end▁of▁sentence｜>'}}{%- endgeneration %}"},
     {"{{'<｜tool▁outputs▁end｜>' + message['content'] + '<｜end▁of▁sentence｜>'}}",
      "{%- generation %}{{'<｜tool▁outputs▁end｜>' + message['content'] + '<｜end▁of▁sentence｜>'}}"
      "{%- endgeneration %}"},
     {"{%- for tool in message['tool_calls']%}", "{%- generation %}{%- for tool in message['tool_calls']%}"},
     {"{%- endfor %}{%- endif %}{%- if message['role'] == 'assistant' and message['content'] is not none %}",
      "{%- endfor %}{%- endgeneration %}{%- endif %}"
      "{%- if message['role'] == 'assistant' and message['content'] is not none %}"}}};

/// Nothing when a place is not there, or there twice: then it is another template.
std::optional<std::string> edited(std::string text, std::span<const Edit> edits) {
  for (const Edit& edit : edits) {
    const std::size_t place = text.find(edit.found);
    if (place == std::string::npos || text.find(edit.found, place + 1) != std::string::npos)
      return std::nullopt;
    text.replace(place, edit.found.size(), edit.replaced);
  }
  return text;
}

}  // namespace

std::optional<std::string> training_template(const std::string& source) {
  if (auto text = edited(source, kQwen3)) return text;
  return edited(source, kDeepSeekR1Distill);
}

}  // namespace sift
