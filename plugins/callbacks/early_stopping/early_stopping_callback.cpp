#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include <sift/log.h>
#include <sift/plugin.h>

namespace {

/// Ends a run when its evaluations stop improving: transformers' EarlyStoppingCallback.
class EarlyStoppingCallback final : public sift::Callback {
 public:
  struct Options {
    std::int64_t early_stopping_patience = 1;
    double early_stopping_threshold = 0.0;
  };

  static void describe(sift::Schema<Options>& schema) {
    schema.add("early_stopping_patience", &Options::early_stopping_patience,
               "stop after this many consecutive evaluations without an improvement of metric_for_best_model",
               sift::at_least(1));
    schema.add("early_stopping_threshold", &Options::early_stopping_threshold,
               "smallest change that counts as an improvement; it must be exceeded", sift::at_least(0));
  }

  explicit EarlyStoppingCallback(const Options& options) : options_(options) {}

  void on_train_begin(sift::CallbackContext& context) override {
    const sift::EvaluationPlan& plan = context.evaluation;
    if (plan.strategy == "no") {
      throw sift::Error(
          "there are no evaluations, so it would never stop the run: set eval_strategy in [train] to "
          "\"steps\" or \"epoch\"");
    }
    if (plan.metric_for_best_model.empty()) {
      throw sift::Error(
          "it has no metric to monitor: set metric_for_best_model in [train], or load_best_model_at_end = "
          "true, which monitors the loss");
    }
    if (!plan.load_best_model_at_end) {
      sift::log_warning(
          "early_stopping without load_best_model_at_end: the run ends with the weights of its last step, "
          "not "
          "with the best ones");
    }
    if (num_without_gain_ < options_.early_stopping_patience) return;
    sift::log_warning(
        "early_stopping has already ended this run; to continue it, increase early_stopping_patience");
    context.control.should_training_stop = true;
  }

  // best_metric does not include this evaluation yet
  void on_evaluate(sift::CallbackContext& context, const sift::LogEntry& entry) override {
    const double* value = entry.find(context.evaluation.metric_for_best_model);
    if (value == nullptr) return;  // the training loop reports this error
    num_without_gain_ = is_gain(*value, context) ? 0 : num_without_gain_ + 1;
    if (num_without_gain_ < options_.early_stopping_patience) return;
    sift::log_info(fmt::format("early_stopping: no better {} in {} evaluations; the run ends at step {}",
                               context.evaluation.metric_for_best_model, num_without_gain_,
                               context.state.global_step));
    context.control.should_training_stop = true;
  }

  std::string state() const override { return std::to_string(num_without_gain_); }

  void load_state(const std::string& bytes) override {
    const char* end = bytes.data() + bytes.size();
    const auto read = std::from_chars(bytes.data(), end, num_without_gain_);
    if (read.ec != std::errc() || read.ptr != end) throw sift::Error("its saved state is damaged");
  }

 private:
  bool is_gain(double value, const sift::CallbackContext& context) const {
    const auto& best = context.state.best_metric;
    if (!best) return true;
    const bool is_better = context.evaluation.greater_is_better ? value > *best : value < *best;
    return is_better && std::abs(value - *best) > options_.early_stopping_threshold;
  }

  Options options_;
  std::int64_t num_without_gain_ = 0;
};

}  // namespace

SIFT_PLUGIN("early_stopping", "1.0.0", "Ends the run when the evaluations stop improving",
            [](sift::Registry& registry) { registry.add_callback<EarlyStoppingCallback>("early_stopping"); })
