#include <fmt/format.h>

#include <csignal>

#include <sift/error.h>
#include <sift/log.h>
#include "app/commands.h"
#include "base/log_level.h"
#include "config/config.h"
#include "train/run.h"

namespace sift {
namespace {

constexpr int kSignalStatus = 128;

}  // namespace

int run_train(const TrainArguments& arguments) {
  if (arguments.resume && arguments.overwrite) {
    throw UsageError(
        "--resume and --overwrite exclude each other: one keeps the earlier run, the other removes it");
  }
  PluginHost host;
  Config config = load_config(arguments.config.file, arguments.config.overrides, host);
  if (arguments.dump_config) {
    drop_idle_defaults(config);
    fmt::print("{}", dump_config(config));
    return 0;
  }
  const LogLevelScope log_level(log_level_of(config.train.log_level));
  RunRequest request{arguments.resume, arguments.resume_from, arguments.overwrite};
  if (!request.resume && !config.train.resume_from_checkpoint.empty()) {
    request.resume = true;
    request.resume_from = config.train.resume_from_checkpoint;
  }
  const TrainOutput output = run_training(config, request);
  if (output.stop_signal != 0) {
    log_info(fmt::format("stopped by {} after step {}; --resume continues exactly from there",
                         output.stop_signal == SIGINT ? "SIGINT" : "SIGTERM", output.global_step));
    return kSignalStatus + output.stop_signal;
  }
  log_info(fmt::format("finished at step {}: training loss {:.4f}; the model is in {}", output.global_step,
                       output.training_loss, config.train.output_dir));
  return 0;
}

}  // namespace sift
