#include "text/stop_token.h"

#include <span>

#include <sift/error.h>
#include "text/assistant_spans.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n\f\v") == std::string::npos;
}

bool ends_with_added_token(const RenderedChat& chat, const Tokenizer& tokenizer) {
  const Encoding encoding = tokenizer.encode(chat.text, false, /*with_offsets=*/true);
  for (std::size_t i = encoding.ids.size(); i-- > 0;) {
    const bool spoken = is_spoken(chat.assistant_spans, encoding.offsets[i]);
    if (!spoken || is_blank(tokenizer.decode(std::span(&encoding.ids[i], 1), false))) continue;
    return tokenizer.is_added_token(encoding.ids[i]);
  }
  return false;
}

}  // namespace

bool trains_stop_token(const TextProcessor& text) {
  const Json messages = {{{"role", "user"}, {"content", "dummy"}},
                         {{"role", "assistant"}, {"content", "dummy"}},
                         {{"role", "user"}, {"content", "dummy"}}};
  try {
    return ends_with_added_token(text.render_with_spans(messages, Json::object(), 0), text.tokenizer());
  } catch (const Error&) {
    return false;
  }
}

}  // namespace sift
