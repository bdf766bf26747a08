#include <sift/error.h>
#include "app/commands.h"
#include "app/print.h"
#include "device/device.h"
#include "model/decoder/decoder.h"
#include "model/generate/answer.h"
#include "model/vocabulary.h"
#include "text/text_processor.h"

namespace sift {

int run_generate(const GenerateArguments& arguments) {
  const auto text = TextProcessor::from_folder(arguments.model, {});
  ModelConfig config = ModelConfig::from_folder(arguments.model);
  fit_vocabulary(config, text, /*resize=*/false);
  const Decoder model = Decoder::load(arguments.model, config, at::kFloat, resolve_device(arguments.device));
  answer(model, text, arguments.request, stop_ids(arguments.model, model, text), print);
  print("\n");
  return 0;
}

}  // namespace sift
