#include "text/stop_token.h"

#include <algorithm>
#include <span>

#include <sift/error.h>

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n\f\v") == std::string::npos;
}

bool ends_with_added_token(const RenderedChat& chat, const Tokenizer& tokenizer) {
  const Encoding encoding = tokenizer.encode(chat.text, false, /*with_offsets=*/true);
  for (std::size_t i = encoding.ids.size(); i-- > 0;) {
    const auto& token = encoding.offsets[i];
    const bool spoken = std::ranges::any_of(chat.assistant_spans, [&token](const auto& span) {
      return token.first < span.second && token.second > span.first;
    });
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
