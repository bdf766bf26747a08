#include "model/weights/parameter_path.h"

#include <string_view>

namespace sift {

std::string module_of(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? std::string() : path.substr(0, dot);
}

std::string without_index(std::string path) {
  constexpr std::string_view kLayers = "model.layers.";
  if (path.starts_with(kLayers))
    path.replace(kLayers.size(), path.find('.', kLayers.size()) - kLayers.size(), "*");
  return path;
}

}  // namespace sift
