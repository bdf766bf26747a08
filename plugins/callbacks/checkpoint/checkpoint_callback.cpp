#include "api/plugin.h"
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
               "how many checkpoints stay, the oldest go first; 0 means all", sift::at_least(0));
  }

  explicit CheckpointCallback(const Options& options) : options_(options) {}

  void on_train_begin(sift::CallbackContext& context) override {
    every_ = sift::resolve_steps(options_.save_steps, context.state.max_steps);
    if (options_.save_total_limit > 0) remove_leftovers(context.output_dir);
  }

  // transformers' DefaultFlowCallback
  void on_step_end(sift::CallbackContext& context) override {
    const std::int64_t step = context.state.global_step;
    const bool by_steps = options_.save_strategy == "steps";
    const bool is_last = step >= context.state.max_steps && options_.save_strategy != "no";
    if (is_last || (by_steps && every_ > 0 && step % every_ == 0)) context.control.should_save = true;
  }

  void on_epoch_end(sift::CallbackContext& context) override {
    // the last step of the run has saved already
    const bool is_saved = saved_step_ == context.state.global_step;
    if (options_.save_strategy == "epoch" && !is_saved) context.control.should_save = true;
  }

  void on_save(sift::CallbackContext& context, const std::filesystem::path& folder) override {
    saved_step_ = context.state.global_step;
    if (options_.save_total_limit <= 0) return;
    remove_old_checkpoints(context.output_dir, options_.save_total_limit, {folder, context.resumed_from});
  }

 private:
  Options options_;
  std::int64_t every_ = 0;
  std::int64_t saved_step_ = -1;
};

}  // namespace

SIFT_PLUGIN("checkpoint", "1.0.0", "When to save and how many checkpoints to keep",
            [](sift::Registry& registry) { registry.add_callback<CheckpointCallback>("checkpoint"); })
