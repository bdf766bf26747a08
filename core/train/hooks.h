#pragma once

#include <utility>

#include <sift/callback.h>

#include "parallel/parallel.h"
#include "train/components.h"
#include "train/weight_requests.h"

namespace sift {

/// Calls the callbacks of a run, on its main process alone; holds the state they see and the control they
/// set.
class Hooks {
 public:
  /// `state`, `model` and `parallel` belong to the run and outlive this.
  Hooks(Components& components, const TrainerState& state, std::filesystem::path output_dir,
        std::filesystem::path resumed_from, std::string config, EvaluationPlan evaluation,
        const RunModel* model = nullptr, Parallel* parallel = nullptr)
      : components_(components), parallel_(parallel), context_{state,
                                                               control_,
                                                               std::move(output_dir),
                                                               std::move(resumed_from),
                                                               std::move(config),
                                                               std::move(evaluation),
                                                               model} {}
  Hooks(const Hooks&) = delete;
  Hooks& operator=(const Hooks&) = delete;

  /// Calls `event` on each callback in order: hooks.fire(&Callback::on_log, entry).
  template <class... Parameters, class... Arguments>
  void fire(void (Callback::*event)(CallbackContext&, Parameters...), Arguments&&... arguments) {
    fire_part(event, arguments...);
    if (parallel_ != nullptr) WeightRequests(*parallel_).finish_event();
  }
  /// The same for an event that only the main process may have; all processes finish it later.
  template <class... Parameters, class... Arguments>
  void fire_part(void (Callback::*event)(CallbackContext&, Parameters...), Arguments&&... arguments) {
    if (parallel_ != nullptr && !parallel_->is_main()) return;
    components_.each_callback([&](Callback& callback) { (callback.*event)(context_, arguments...); });
  }

  TrainerControl& control() { return control_; }
  const EvaluationPlan& evaluation() const { return context_.evaluation; }

 private:
  Components& components_;
  Parallel* parallel_;
  TrainerControl control_;
  CallbackContext context_;
};

}  // namespace sift
