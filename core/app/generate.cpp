#include <sift/error.h>
#include "app/commands.h"
#include "app/print.h"
#include "device/device.h"
#include "model/generate/answer.h"
#include "model/lora/adapter_config.h"
#include "model/lora/load_adapted.h"
#include "model/vocabulary.h"
#include "text/text_processor.h"

namespace sift {

int run_generate(const GenerateArguments& arguments) {
  const auto text = TextProcessor::from_folder(text_folder_of(arguments.model), {});
  const std::filesystem::path base = base_of(arguments.model);
  ModelConfig config = ModelConfig::from_folder(base);
  fit_vocabulary(config, text, /*resize=*/false);
  const Decoder model = load_adapted(arguments.model, config, at::kFloat, resolve_device(arguments.device));
  answer(model, text, arguments.request, stop_ids(base, model, text), print);
  print("\n");
  return 0;
}

}  // namespace sift
