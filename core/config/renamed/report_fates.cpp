#include "config/renamed/fates.h"

namespace sift {
namespace {

constexpr const char* kHub =
    "is not supported: Sift uploads nothing; upload output_dir when the run has ended";
constexpr const char* kTrackio = "is for Trackio, to which Sift does not report; see report_to in [train]";

}  // namespace

const Fates& fates_of_reports() {
  static const Fates fates = {
      // logs
      {"disable_tqdm", "is progress = \"off\" in [[callbacks]] plugin = \"logging\""},
      {"run_name", "has no use here: a run is named by its output_dir in [train]"},
      {"logging_dir", "belongs in [[callbacks]] plugin = \"tensorboard\""},
      {"logging_nan_inf_filter",
       "has no use here: averages leave out steps that are not finite; see on_nonfinite in [train]"},
      {"skip_memory_metrics", "has no use here: the log has no memory metrics"},
      {"include_tokens_per_second", "has no use here: log lines and the progress line show the speed"},
      {"debug", "is not supported; see on_nonfinite in [train]"},
      {"project", kTrackio},
      {"trackio_space_id", kTrackio},
      {"trackio_bucket_id", kTrackio},
      {"trackio_static_space_id", kTrackio},
      {"wandb_project", "is for Weights & Biases, to which Sift does not report; see report_to in [train]"},
      // checkpoints
      {"save_safetensors", "is not needed: weights are always saved as safetensors"},
      {"enable_jit_checkpoint", "is not needed: SIGTERM always saves a checkpoint"},
      // the Hugging Face Hub
      {"push_to_hub", kHub},
      {"hub_always_push", kHub},
      {"hub_model_id", kHub},
      {"hub_private_repo", kHub},
      {"hub_revision", kHub},
      {"hub_strategy", kHub},
      {"hub_token", kHub},
  };
  return fates;
}

}  // namespace sift
