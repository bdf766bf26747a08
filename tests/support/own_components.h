#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <sift/callback.h>
#include <sift/loss.h>

#include "support/adamw.h"
#include "train/components.h"

namespace sift::test {

/// The negative log-likelihood, or whatever `compute` is set to.
struct OwnLoss final : Loss {
  using Compute = std::function<LossOutput(const LossInput&)>;
  explicit OwnLoss(Compute of) : compute_(std::move(of)) {}
  LossOutput compute(const LossInput& input) override { return compute_(input); }
  Compute compute_;
};

inline LossOutput nll(const LossInput& input) {
  TokenStats stats = token_stats(input);
  return {-stats.log_prob_m.sum() / static_cast<double>(input.num_items), stats};
}

/// Writes down the events of a run, and does at each what the test wants.
struct Events {
  std::vector<std::string> names;
  std::function<void(CallbackContext&, const std::string&)> react = [](CallbackContext&, const std::string&) {
  };

  std::vector<std::string> take() { return std::exchange(names, {}); }
};

class OwnCallback final : public Callback {
 public:
  explicit OwnCallback(Events& events) : events_(events) {}
  void on_train_begin(CallbackContext& context) override { note(context, "train_begin"); }
  void on_epoch_begin(CallbackContext& context) override { note(context, "epoch_begin"); }
  void on_step_begin(CallbackContext& context) override { note(context, "step_begin"); }
  void on_pre_optimizer_step(CallbackContext& context, double& learning_rate) override {
    learning_rate *= 2;
    note(context, "pre_optimizer_step");
  }
  void on_step_end(CallbackContext& context) override { note(context, "step_end"); }
  void on_epoch_end(CallbackContext& context) override { note(context, "epoch_end"); }
  void on_log(CallbackContext& context, const LogEntry& entry) override {
    note(context, "log of " + entry.values.front().first);
  }
  void on_evaluate(CallbackContext& context, const LogEntry&) override { note(context, "evaluate"); }

 private:
  void note(CallbackContext& context, const std::string& name) {
    events_.names.push_back(name);
    events_.react(context, name);
  }
  Events& events_;
};

/// The components of a run that are made here and not by a plugin: a loss and a callback.
class OwnComponents {
 public:
  explicit OwnComponents(Events& events, OwnLoss::Compute compute = nll,
                         const LoadedComponent& optimizer = adamw_component()) {
    loss_.name = "own_loss";
    loss_.create = LossFactory([compute](const void*) { return std::make_unique<OwnLoss>(compute); });
    callback_.name = "own_callback";
    callback_.create =
        CallbackFactory([&events](const void*) { return std::make_unique<OwnCallback>(events); });
    configured_.loss = {&loss_, nullptr, false};
    configured_.callbacks = {{&callback_, nullptr, false}};
    configured_.optimizer = {&optimizer, optimizer.make_options(), false};
    components_ = std::make_unique<Components>(configured_);
  }

  Components& get() { return *components_; }

 private:
  LoadedComponent loss_, callback_;
  ConfiguredComponents configured_;
  std::unique_ptr<Components> components_;
};

}  // namespace sift::test
