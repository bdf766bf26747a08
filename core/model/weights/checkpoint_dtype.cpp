#include "model/weights/checkpoint_dtype.h"

#include <fmt/format.h>

#include <string>

#include <sift/error.h>
#include <sift/log.h>
#include "formats/model_files.h"
#include "formats/safetensors.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

std::string name_of(at::ScalarType dtype) {
  if (dtype == at::kFloat) return "float32";
  if (dtype == at::kBFloat16) return "bfloat16";
  if (dtype == at::kHalf) return "float16";
  return dtype == at::kDouble ? "float64" : at::toString(dtype);
}

std::string dtype_of_weights(const fs::path& folder) {
  if (!fs::exists(folder / kWeightsFile) && !fs::exists(folder / kWeightsIndexFile)) return "float32";
  const ModelTensors tensors(folder);
  for (const std::string& name : tensors.names()) {
    const at::ScalarType dtype = tensors.tensor(name).scalar_type();
    if (at::isFloatingType(dtype)) return name_of(dtype);
  }
  return "float32";
}

}  // namespace

at::ScalarType checkpoint_dtype(const fs::path& folder, const ModelConfig& config) {
  const std::string name = config.dtype.empty() ? dtype_of_weights(folder) : config.dtype;
  if (name == "bfloat16") return at::kBFloat16;
  if (name == "float32") return at::kFloat;
  if (name == "float16") {
    log_warning(fmt::format(
        "{}: dtype = \"auto\" in [model]: the weights are float16, whose range is too small for training; they "
        "are trained and saved in float32",
        folder.string()));
    return at::kFloat;
  }
  throw Error(fmt::format(
      "{}: dtype = \"auto\" in [model]: the weights are {}; set dtype = \"float32\" or \"bfloat16\"",
      folder.string(), name));
}

}  // namespace sift
