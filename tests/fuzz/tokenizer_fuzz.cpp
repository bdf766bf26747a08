#include <array>

#include "fuzz/fuzz_target.h"
#include "text/tokenizer.h"

// The input is a tokenizer.json and, behind a zero byte, a text to encode besides those below.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sift;
  const std::string_view input = fuzz::as_text(data, size);
  const std::string_view json = input.substr(0, input.find('\0'));
  const std::string_view own_text = json.size() < input.size() ? input.substr(json.size() + 1) : "";
  return fuzz::expect_no_fault([&] {
    const auto tokenizer = Tokenizer::from_json(std::string(json), "tokenizer.json");
    const std::array<std::string_view, 4> texts = {
        "Hello  world!\n\n\tit's 12345 o'clock",
        "\xC3\xA9t\xC3\xA9 \xE4\xB8\xAD\xE6\x96\x87 \xF0\x9F\x98\x80", "<s>a</s><|im_end|>    b", own_text};
    for (const std::string_view text : texts) {
      const Encoding encoding = tokenizer.encode(text, true, true);
      (void)tokenizer.decode(encoding.ids, false);
    }
  });
}
