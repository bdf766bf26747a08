#include "text/reasoning_fields.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

const Json* reasoning_of(const Json& message) {
  if (!message.is_object()) return nullptr;
  for (const char* key : {"reasoning_content", "thinking", "reasoning"}) {
    const auto found = message.find(key);
    if (found != message.end() && !found->is_null()) return &*found;
  }
  return nullptr;
}

}  // namespace

Json with_reasoning_fields(const Json& messages) {
  Json result = Json::array();
  for (const Json& message : messages) {
    const Json* reasoning = reasoning_of(message);
    if (reasoning == nullptr) {
      result.push_back(message);
      continue;
    }
    Json full = {{"thinking", *reasoning}};
    full.update(message);
    full["reasoning_content"] = *reasoning;
    result.push_back(std::move(full));
  }
  return result;
}

}  // namespace sift
