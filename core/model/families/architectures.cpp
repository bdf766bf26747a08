#include "model/families/architectures.h"

#include <fmt/format.h>

#include <algorithm>

#include <sift/error.h>

namespace sift {
namespace {

const std::vector<Architecture>& architectures() {
  static const std::vector<Architecture> table = {
      llama_architecture(),   mistral_architecture(),   qwen2_architecture(),     qwen3_architecture(),
      mixtral_architecture(), qwen2_moe_architecture(), qwen3_moe_architecture(), olmoe_architecture(),
      olmo2_architecture(),   granite_architecture(),   gemma2_architecture(),    gemma3_architecture(),
      phi3_architecture()};
  return table;
}

std::string supported() {
  std::string text;
  for (const Architecture& architecture : architectures()) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} ({})", architecture.class_name, architecture.model_type);
  }
  return text;
}

/// The first entry of `architectures`, empty when the file has none.
std::string class_name(const JsonFields& fields) {
  if (!fields.has("architectures")) return {};
  const JsonFields names = fields.at("architectures");
  return names.size() == 0 ? std::string() : names.element(0).text();
}

}  // namespace

const Architecture& find_architecture(const JsonFields& fields) {
  const std::string model_type = fields.text_or("model_type", "");
  const std::string name = class_name(fields);
  if (model_type.empty() && name.empty()) {
    throw Error(fmt::format("{}: neither 'model_type' nor 'architectures' is set; supported: {}",
                            fields.where(), supported()));
  }
  const auto& table = architectures();
  const auto found = std::find_if(table.begin(), table.end(), [&](const Architecture& architecture) {
    return (model_type.empty() || architecture.model_type == model_type) &&
           (name.empty() || architecture.class_name == name);
  });
  if (found != table.end()) return *found;
  throw Error(fmt::format("{}: architecture {} (model_type {}) is not supported; supported: {}",
                          fields.where(), name.empty() ? "unnamed" : "'" + name + "'",
                          model_type.empty() ? "missing" : "'" + model_type + "'", supported()));
}

}  // namespace sift
