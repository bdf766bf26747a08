// Renders chat templates from a stream: one JSON object {"template": text, "context": object} a line in, one
// {"text": text, "spans": pairs of byte offsets} or {"error": text} a line out. "now" in a request fixes
// the clock; with "prefixes": true the spans are those that rendering prefixes shows; with "training": true
// the template is what training_template() makes of it. A request without "template" uses the one before it.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include <sift/error.h>
#include "text/assistant_spans.h"
#include "text/chat_template.h"
#include "text/training_template.h"

namespace {

using Json = nlohmann::ordered_json;

Json answer(const Json& request, std::unique_ptr<sift::ChatTemplate>& current) {
  static std::time_t now = 0;
  now = request.value("now", std::time_t{0});
  try {
    if (request.contains("template")) {
      current.reset();
      auto source = request["template"].get<std::string>();
      if (request.value("training", false)) source = sift::training_template(source).value();
      current = std::make_unique<sift::ChatTemplate>(source, "template", [] { return now; });
    }
    if (!current) return {{"error", "no template"}};
    sift::RenderedChat out = current->render(request["context"]);
    if (request.value("prefixes", false)) {
      const auto spans = sift::assistant_spans_by_prefixes(*current, request["context"], out.text);
      return {{"text", out.text}, {"spans", spans}};
    }
    return {{"text", out.text}, {"spans", out.assistant_spans}};
  } catch (const sift::Error& error) {
    return {{"error", error.what()}};
  }
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  std::unique_ptr<sift::ChatTemplate> current;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::cout << answer(Json::parse(line), current).dump(-1, ' ', false, Json::error_handler_t::replace)
              << "\n"
              << std::flush;
  }
}
