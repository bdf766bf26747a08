#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <map>
#include <utility>

#include <sift/log.h>
#include <sift/plugin.h>

namespace {

constexpr const char* kFolder = "ema";

/// Keeps an exponential moving average of the trained parameters, in float32: a = decay * a + (1 - decay) *
/// w. Saves the model with it in output_dir/ema at the end, and in the folder ema of each checkpoint.
class EmaCallback final : public sift::Callback {
 public:
  struct Options {
    double decay = 0.999;
    std::int64_t update_after_step = 0;
    std::int64_t every_n_steps = 1;
    bool save_with_checkpoints = true;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("decay", &Options::decay, "weight of the earlier average in each update", sift::between(0, 1));
    schema.add("update_after_step", &Options::update_after_step,
               "the average begins with the weights of this step; 0: with the initial ones",
               sift::at_least(0));
    schema.add("every_n_steps", &Options::every_n_steps, "steps from one update of the average to the next",
               sift::at_least(1));
    schema.add("save_with_checkpoints", &Options::save_with_checkpoints,
               "save the averaged model in each checkpoint, too, in its folder ema; while a checkpoint is "
               "written, that takes the memory of a second average");
  }

  explicit EmaCallback(const Options& options) : options_(options) {}

  void on_train_begin(sift::CallbackContext& context) override {
    const std::int64_t step = context.state.global_step;
    if (averages_.empty() && step > options_.update_after_step) {
      sift::log_warning(
          fmt::format("ema: the checkpoint has no average; it begins with the weights of step {}", step));
    }
    for (const auto& [name, weight] : context.model->parameters()) {
      at::Tensor& average = averages_[name];  // there already if the run is resumed
      average = (average.defined() ? average : weight.clone()).to(weight.device(), at::kFloat);
    }
  }

  void on_step_end(sift::CallbackContext& context) override {
    const std::int64_t step = step_ = context.state.global_step;
    const bool has_begun = step > options_.update_after_step;
    if (has_begun && (step - options_.update_after_step) % options_.every_n_steps != 0) return;
    const at::NoGradGuard no_grad;
    for (const auto& [name, weight] : context.model->parameters()) {
      const at::Tensor& average = averages_.at(name);
      if (has_begun) {
        average.lerp_(weight.to(at::kFloat), 1.0 - options_.decay);
      } else {
        average.copy_(weight);
      }
    }
  }

  void on_save(sift::CallbackContext& context, const std::filesystem::path& folder) override {
    const auto found = saved_.find(folder.filename().string());
    if (found == saved_.end()) return;
    context.model->save(folder / kFolder, found->second);
    saved_.erase(found);
  }

  void on_train_end(sift::CallbackContext& context) override {
    context.model->save(context.output_dir / kFolder, tensors());
    sift::log_info(fmt::format("ema: saved {}", (context.output_dir / kFolder).string()));
  }

  // the average belongs to the checkpoint: without it a resumed run would begin a new one
  std::vector<sift::NamedTensor> state_tensors() const override {
    if (options_.save_with_checkpoints) keep_for_checkpoint();
    return tensors();
  }
  void load_state_tensors(const std::vector<sift::NamedTensor>& tensors) override {
    for (const auto& [name, average] : tensors) averages_[name] = average;
  }

 private:
  /// The steps go on while the checkpoint is written, and the one before may not be complete yet. If that is
  /// not the only one here, the saves of the others failed.
  void keep_for_checkpoint() const {
    const std::string before = std::exchange(newest_, fmt::format("checkpoint-{}", step_));
    std::erase_if(saved_, [&](const auto& entry) { return entry.first != before; });
    std::vector<sift::NamedTensor> copies = tensors();
    for (auto& [name, average] : copies) average = average.clone();
    saved_[newest_] = std::move(copies);
  }
  std::vector<sift::NamedTensor> tensors() const {
    std::vector<sift::NamedTensor> tensors;
    for (const auto& [name, average] : averages_) tensors.push_back({name, average});
    return tensors;
  }

  Options options_;
  std::map<std::string, at::Tensor> averages_;  ///< by parameter
  std::int64_t step_ = 0;
  mutable std::string newest_;  ///< name of the newest checkpoint
  /// Of checkpoints that are being written, by the name of their folder.
  mutable std::map<std::string, std::vector<sift::NamedTensor>> saved_;
};

}  // namespace

SIFT_PLUGIN("ema", "1.0.0", "Exponential moving average of the weights",
            [](sift::Registry& registry) { registry.add_callback<EmaCallback>("ema"); })
