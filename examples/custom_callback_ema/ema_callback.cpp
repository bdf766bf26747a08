#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include <map>

#include <sift/log.h>
#include <sift/plugin.h>

/// Keeps an exponential moving average of the trained parameters and saves it as a model of its own,
/// output_dir/my_ema. After each evaluation the model answers a prompt. The shipped callback ema has more
/// options.
class MyEma final : public sift::Callback {
 public:
  struct Options {
    double decay = 0.999;
    std::string prompt;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("decay", &Options::decay, "weight of the earlier average in each step", sift::between(0, 1));
    schema.add("prompt", &Options::prompt, "user message to answer after each evaluation; empty: none");
  }
  explicit MyEma(const Options& options) : options_(options) {}

  void on_train_begin(sift::CallbackContext& context) override {
    for (const auto& [name, weight] : context.model->parameters()) {
      at::Tensor& average = averages_[name];  // there already if the run is resumed
      average = (average.defined() ? average : weight.clone()).to(weight.device(), at::kFloat);
    }
  }

  void on_step_end(sift::CallbackContext& context) override {
    const at::NoGradGuard no_grad;
    for (const auto& [name, weight] : context.model->parameters())
      averages_.at(name).lerp_(weight.to(at::kFloat), 1.0 - options_.decay);
  }

  void on_evaluate(sift::CallbackContext& context, const sift::LogEntry&) override {
    if (options_.prompt.empty()) return;
    sift::log_info("my_ema: " + options_.prompt + " -> " +
                   context.model->generate({.prompt = options_.prompt}));
  }

  void on_train_end(sift::CallbackContext& context) override {
    context.model->save(context.output_dir / "my_ema", state_tensors());
  }

  // the average belongs to the checkpoint: without it a resumed run would start a new one
  std::vector<sift::NamedTensor> state_tensors() const override {
    std::vector<sift::NamedTensor> tensors;
    for (const auto& [name, average] : averages_) tensors.push_back({name, average});
    return tensors;
  }
  void load_state_tensors(const std::vector<sift::NamedTensor>& tensors) override {
    for (const auto& [name, average] : tensors) averages_[name] = average;
  }

 private:
  Options options_;
  std::map<std::string, at::Tensor> averages_;  ///< by parameter
};

SIFT_PLUGIN("my_ema", "1.0.0", "Exponential moving average of the weights",
            [](sift::Registry& registry) { registry.add_callback<MyEma>("my_ema"); })
