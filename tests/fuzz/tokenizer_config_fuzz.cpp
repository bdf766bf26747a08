#include "fuzz/fuzz_target.h"
#include "text/text_processor.h"

// The input is the tokenizer_config.json of a model folder, beside a tokenizer.json of three tokens.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sift;
  static const auto tokenizer = fuzz::scratch_file(
      "tokenizer.json", R"({"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "</s>": 2}, "merges": []}})");
  fuzz::scratch_file("tokenizer_config.json", fuzz::as_text(data, size));
  return fuzz::expect_no_fault([&] {
    const auto processor = TextProcessor::from_folder(tokenizer.parent_path(), {});
    if (processor.has_chat_template()) (void)processor.render({{{"role", "user"}, {"content", "ab"}}}, true);
  });
}
