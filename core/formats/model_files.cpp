#include "formats/model_files.h"

#include <fmt/format.h>

#include <regex>

namespace sift {

std::string shard_name(std::size_t index, std::size_t count) {
  return fmt::format("model-{:05}-of-{:05}.safetensors", index + 1, count);
}

bool is_weights_file(const std::string& name) {
  static const std::regex pattern("model(-[0-9]{5}-of-[0-9]{5})?\\.safetensors(\\.index\\.json)?");
  return std::regex_match(name, pattern);
}

}  // namespace sift
