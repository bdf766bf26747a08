#include <sift/plugin.h>
#include "old_checkpoints.h"

namespace {

/// Decides when a checkpoint is written and how many stay. The loop writes them.
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
        "when to save: every save_steps, after each epoch (either way also after the last step), or never",
        sift::one_of({"steps", "epoch", "no"}));
    schema.add("save_steps", &Options::save_steps,
               "save every so many steps; below 1, a part of the whole run", sift::steps_or_ratio());
    schema.add("save_total_limit", &Options::save_total_limit,
               "how many checkpoints stay, the oldest go first, the best one never; 0 means all",
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

  // comes after the last step as well, whether or not the epoch was finished
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

SIFT_PLUGIN("checkpoint", "1.0.0", "When to save and how many checkpoints to keep",
            [](sift::Registry& registry) { registry.add_callback<CheckpointCallback>("checkpoint"); })
