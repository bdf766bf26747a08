#include <sift/plugin.h>
#include "old_checkpoints.h"

namespace {

/// Decides when a checkpoint is written and how many are kept. The training loop writes them.
class CheckpointCallback final : public sift::Callback {
 public:
  struct Options {
    std::string save_strategy = "steps";
    double save_steps = 500;
    std::int64_t save_total_limit = 0;
  };

  static void describe(sift::Schema<Options>& schema) {
    schema.add(
        "save_strategy", &Options::save_strategy,
        "when to save: every save_steps steps, after each epoch (both also after the last step), or never",
        sift::one_of({"steps", "epoch", "no"}));
    schema.add("save_steps", &Options::save_steps,
               "steps between two checkpoints; below 1: fraction of max_steps", sift::steps_or_ratio());
    schema.add("save_total_limit", &Options::save_total_limit,
               "maximum number of checkpoints to keep; the oldest are removed first, the best one never; 0: "
               "no limit",
               sift::at_least(0));
  }

  explicit CheckpointCallback(const Options& options) : options_(options) {}

  void on_train_begin(sift::CallbackContext& context) override {
    every_ = sift::resolve_steps(options_.save_steps, context.state.max_steps);
    if (options_.save_total_limit > 0) remove_leftovers(context.output_dir);
  }

  // transformers' DefaultFlowCallback
  void on_step_end(sift::CallbackContext& context) override {
    const std::int64_t step = context.state.global_step;
    if (options_.save_strategy != "steps") return;
    const bool is_last = step >= context.state.max_steps;
    if (is_last || (every_ > 0 && step % every_ == 0)) context.control.should_save = true;
  }

  // also called after the last step, even if the epoch is incomplete
  void on_epoch_end(sift::CallbackContext& context) override {
    if (options_.save_strategy == "epoch") context.control.should_save = true;
  }

  void on_save(sift::CallbackContext& context, const std::filesystem::path& folder) override {
    if (options_.save_total_limit <= 0) return;
    remove_old_checkpoints(context.output_dir, options_.save_total_limit,
                           {folder, context.resumed_from, context.state.best_model_checkpoint});
  }

 private:
  Options options_;
  std::int64_t every_ = 0;
};

}  // namespace

SIFT_PLUGIN("checkpoint", "1.0.0", "Saves checkpoints and limits their number",
            [](sift::Registry& registry) { registry.add_callback<CheckpointCallback>("checkpoint"); })
