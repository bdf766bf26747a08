#include <sift/error.h>
#include "app/commands.h"
#include "app/print.h"
#include "device/device.h"
#include "model/generate/answer.h"
#include "model/lora/adapter_config.h"
#include "model/lora/load_adapted.h"
#include "model/vocabulary.h"
#include "text/text_processor.h"
#include "train/load_model.h"

namespace sift {

int run_generate(const GenerateArguments& arguments) {
  const ModelOptions options = with_known_dtype(arguments.model);
  const auto text = TextProcessor::from_folder(text_folder_of(options.path), {});
  const std::filesystem::path base = base_of(options.path);
  ModelConfig config = ModelConfig::from_folder(base);
  fit_vocabulary(config, text, /*resize=*/false);
  set_quantization(options, config);
  const Decoder model =
      load_adapted(options.path, config, options.scalar_type(), resolve_device(arguments.device));
  answer(model, text, arguments.request, stop_ids(base, model, text), print);
  print("\n");
  return 0;
}

}  // namespace sift
