#include <algorithm>
#include <limits>
#include <sstream>

#include <sift/log.h>
#include <sift/plugin.h>

/// Lowers the learning rate when evaluations no longer get better, on top of whatever schedule the run has.
class PlateauCallback final : public sift::Callback {
 public:
  struct Options {
    double factor = 0.5;
    std::int64_t patience = 1;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("factor", &Options::factor, "what the learning rate is multiplied with each time",
               sift::between(0, 1));
    schema.add("patience", &Options::patience, "evaluations in a row without a better eval_loss before that",
               sift::at_least(1));
  }
  explicit PlateauCallback(const Options& options) : options_(options) {}

  void on_train_begin(sift::CallbackContext& context) override {
    if (context.evaluation.strategy == "no") {
      throw sift::Error("nothing is evaluated: set eval_strategy in [train] to \"steps\" or \"epoch\"");
    }
  }

  void on_evaluate(sift::CallbackContext&, const sift::LogEntry& entry) override {
    const double loss = *entry.find("eval_loss");
    num_without_gain_ = loss < best_ ? 0 : num_without_gain_ + 1;
    best_ = std::min(best_, loss);
    if (num_without_gain_ < options_.patience) return;
    num_without_gain_ = 0;
    scale_ *= options_.factor;
    sift::log_info("plateau: the learning rate is now the schedule's times " + std::to_string(scale_));
  }

  void on_pre_optimizer_step(sift::CallbackContext&, double& learning_rate) override {
    learning_rate *= scale_;
  }

  // without these two a resumed run would start again with the whole learning rate
  std::string state() const override {
    std::ostringstream bytes;
    bytes.precision(std::numeric_limits<double>::max_digits10);
    bytes << scale_ << ' ' << best_ << ' ' << num_without_gain_;
    return bytes.str();
  }
  void load_state(const std::string& bytes) override {
    if (!(std::istringstream(bytes) >> scale_ >> best_ >> num_without_gain_)) {
      throw sift::Error("its saved state is damaged");
    }
  }

 private:
  Options options_;
  double scale_ = 1.0;
  double best_ = std::numeric_limits<double>::max();
  std::int64_t num_without_gain_ = 0;
};

SIFT_PLUGIN("plateau", "1.0.0", "Lower the learning rate when evaluations no longer get better",
            [](sift::Registry& registry) { registry.add_callback<PlateauCallback>("plateau"); })
