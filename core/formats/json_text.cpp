#include "formats/json_text.h"

namespace sift {

void check_json_depth(std::string_view text) {
  int depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if (in_text) {
      if (letter == '\\') ++i;
      if (letter == '"') in_text = false;
      continue;
    }
    if (letter == '"') in_text = true;
    if (letter == '[' || letter == '{') ++depth;
    if (letter == ']' || letter == '}') --depth;
    if (depth > kMaxJsonDepth) {
      throw Error(
          fmt::format("nested deeper than {} lists and objects (at byte {}), more than Sift reads; write the "
                      "file with less nesting",
                      kMaxJsonDepth, i));
    }
  }
}

std::string shown_json_error(const nlohmann::json::exception& error) {
  constexpr std::size_t kMaxShown = 300;
  std::string text = error.what();
  if (text.size() > kMaxShown) {
    text.resize(kMaxShown);
    text += "...";
  }
  return text;
}

}  // namespace sift
