#include <fmt/format.h>

#include <csignal>
#include <filesystem>

#include <sift/error.h>
#include <sift/log.h>
#include "app/commands.h"
#include "app/print.h"
#include "app/run_together.h"
#include "base/log_level.h"
#include "base/stop_signals.h"
#include "checkpoint/checkpoint_files.h"
#include "config/config.h"
#include "train/run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;

/// How to go on after a signal.
std::string advice_after(const TrainOutput& output, const TrainOptions& options) {
  const fs::path& saved = output.last_checkpoint;
  if (saved != checkpoint_folder(options.output_dir, output.global_step)) {
    return fmt::format("this step could not be saved: --resume={} continues from the newest checkpoint",
                       saved.string());
  }
  if (options.save_only_model)
    return fmt::format("its model is in {}; save_only_model leaves nothing to resume from", saved.string());
  return "--resume continues exactly from there";
}

}  // namespace

int run_train(const TrainArguments& arguments, ParallelSession* session) {
  if (arguments.resume && arguments.overwrite) {
    throw UsageError(
        "--resume and --overwrite exclude each other: one keeps the earlier run, the other removes it");
  }
  if (arguments.resume_if_possible && (arguments.resume || arguments.overwrite)) {
    throw UsageError(fmt::format(
        "--resume-if-possible and {} exclude each other: the first continues the newest checkpoint if there is one, and starts a new run if not",
        arguments.resume ? "--resume" : "--overwrite"));
  }
  // a reader of the log that ends, as in `sift train ... 2>&1 | head`, must not end the run
  if (!arguments.dump_config) std::signal(SIGPIPE, SIG_IGN);
  PluginHost host;
  Config config = load_config(arguments.config.file, arguments.config.overrides, host);
  if (arguments.dump_config) {
    if (session != nullptr && session->process().rank != 0) return 0;
    drop_idle_defaults(config);
    print(dump_config(config));
    return 0;
  }
  const LogLevelScope log_level(shown_level(config.train.log_level, session));
  RunRequest request{arguments.resume, arguments.resume_from, arguments.overwrite,
                     arguments.resume_if_possible};
  const std::string& configured = config.train.resume_from_checkpoint;
  if (!request.resume && !configured.empty() && !(request.resume_if_possible && configured == "last")) {
    request.resume = true;
    request.resume_from = configured;
    if (request.overwrite) {
      throw UsageError(
          fmt::format("resume_from_checkpoint = \"{}\" in [train] and --overwrite exclude each other: one "
                      "continues an earlier run, the other replaces it; leave one of them out",
                      request.resume_from));
    }
  }
  const TrainOutput output = run_training(config, request, session);
  if (output.stop_signal != 0) {
    log_info(fmt::format("stopped by {} after step {}; {}", signal_name(output.stop_signal),
                         output.global_step, advice_after(output, config.train)));
    return kSignalStatus + output.stop_signal;
  }
  log_info(fmt::format("finished at step {}: training loss {:.4f}; the model is in {}", output.global_step,
                       output.training_loss, config.train.output_dir));
  return 0;
}

}  // namespace sift
