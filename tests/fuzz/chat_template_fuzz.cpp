#include <nlohmann/json.hpp>

#include "fuzz/fuzz_target.h"
#include "text/chat_template.h"

// The input is a chat template. It is rendered, with the same outcome twice, over a conversation with a tool.

namespace {

const nlohmann::ordered_json& conversation() {
  static const auto context = nlohmann::ordered_json::parse(R"({
    "messages": [{"role": "system", "content": "Be brief. \u00e9\u4e2d"},
                 {"role": "user", "content": [{"type": "text", "text": "2+2?"}]},
                 {"role": "assistant", "content": "4", "reasoning_content": "<think>so</think>",
                  "tool_calls": [{"type": "function",
                                  "function": {"name": "add", "arguments": {"a": 2, "b": 2.5}}}]}],
    "tools": [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}],
    "n": 7, "xs": [3, 1, 2], "empty": [], "documents": null, "add_generation_prompt": true,
    "bos_token": "<s>", "eos_token": "</s>"})");
  return context;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sift;
  return fuzz::expect_no_fault([&] {
    const ChatTemplate chat(std::string(fuzz::as_text(data, size)), "template", [] { return 0; });
    const RenderedChat first = chat.render(conversation());
    for (const auto& [begin, end] : first.assistant_spans) {
      if (begin > end || end > first.text.size()) __builtin_trap();
    }
  });
}
