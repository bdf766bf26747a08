#include <fmt/format.h>

#include <utility>

#include <sift/error.h>
#include "app/commands.h"
#include "app/print.h"
#include "checkpoint/model_folder.h"
#include "device/device.h"
#include "formats/model_files.h"
#include "model/lora/adapter_config.h"
#include "model/lora/load_adapted.h"
#include "model/vocabulary.h"
#include "model/weights/checkpoint_dtype.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

at::ScalarType dtype_of(const MergeArguments& arguments, const fs::path& base, const ModelConfig& config) {
  if (arguments.dtype == "float32") return at::kFloat;
  if (arguments.dtype == "bfloat16") return at::kBFloat16;
  if (arguments.dtype == "auto") return checkpoint_dtype(base, config);
  throw UsageError(fmt::format("--dtype is '{}'; expected auto, float32 or bfloat16", arguments.dtype));
}

}  // namespace

int run_merge(const MergeArguments& arguments) {
  const fs::path adapter = arguments.adapter, out = arguments.out;
  if (!is_adapter_folder(adapter)) {
    throw Error(fmt::format("{}: is no adapter folder: it has no {}, or also a {}", adapter.string(),
                            kAdapterConfigFile, kModelConfigFile));
  }
  if (fs::exists(out) && !fs::is_empty(out))
    throw Error(fmt::format("--out {}: is not empty; choose a new folder", out.string()));
  const fs::path base = base_of(adapter);
  const TextProcessor text = TextProcessor::from_folder(text_folder_of(adapter), {});
  ModelConfig config = ModelConfig::from_folder(base);
  fit_vocabulary(config, text, /*resize=*/false);
  Decoder model = load_adapted(adapter, config, dtype_of(arguments, base, config), at::kCPU);
  write_model_folder(std::move(model).merged(), ModelFolderSource::of(base, text), out);
  print(fmt::format("{}: {} with the adapter of {}\n", out.string(), base.string(), adapter.string()));
  return 0;
}

}  // namespace sift
