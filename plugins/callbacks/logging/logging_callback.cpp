#include <unistd.h>

#include <chrono>

#include <sift/log.h>
#include <sift/plugin.h>
#include <sift/status_line.h>
#include "log_line.h"

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kRedrawEvery{100};

/// An interval of training, for measuring the speed.
struct Stretch {
  Clock::time_point begin;
  std::int64_t tokens = 0;  ///< at its beginning
  std::int64_t steps = 0;

  static Stretch from_now(const sift::TrainerState& state) {
    return {Clock::now(), state.num_tokens, state.global_step};
  }
  double seconds() const { return std::chrono::duration<double>(Clock::now() - begin).count(); }
  std::optional<double> tokens_per_second(const sift::TrainerState& state) const {
    const double elapsed = seconds();
    if (elapsed <= 0.0 || state.num_tokens <= tokens) return std::nullopt;
    return static_cast<double>(state.num_tokens - tokens) / elapsed;
  }
};

/// Writes each entry of the log as one line and shows a progress line on a terminal.
class LoggingCallback final : public sift::Callback {
 public:
  struct Options {
    std::string progress = "auto";
  };

  static void describe(sift::Schema<Options>& schema) {
    schema.add("progress", &Options::progress,
               "live progress line with speed and remaining time; auto: on a terminal only",
               sift::one_of({"auto", "off", "on"}));
  }

  explicit LoggingCallback(const Options& options) : options_(options) {}

  // If the run ends with an exception, it is reported after the callbacks are destroyed: clear the line
  // first.
  ~LoggingCallback() override {
    if (live_) sift::set_status_line("");
  }

  void on_train_begin(sift::CallbackContext& context) override {
    live_ = options_.progress == "on" || (options_.progress == "auto" && ::isatty(STDERR_FILENO) == 1);
    run_ = window_ = Stretch::from_now(context.state);
    step_end_ = run_.begin;
    draw(context.state);
  }

  void on_step_begin(sift::CallbackContext&) override {
    if (!interrupted_) return;
    const auto pause = Clock::now() - step_end_;
    run_.begin += pause;
    window_.begin += pause;
    interrupted_ = false;
  }

  void on_step_end(sift::CallbackContext& context) override {
    step_end_ = Clock::now();
    draw_if_due(context.state);
  }

  void on_log(sift::CallbackContext& context, const sift::LogEntry& entry) override {
    std::optional<double> speed;
    if (entry.find("loss") != nullptr) {
      speed = window_.tokens_per_second(context.state);
      window_ = Stretch::from_now(context.state);
    }
    // clear the progress line first: an entry never shares a line with it
    if (live_) sift::set_status_line("");
    sift::log_info(format_log_line(entry, context.state.max_steps, speed));
    draw_if_due(context.state);
  }

  void on_evaluate(sift::CallbackContext&, const sift::LogEntry&) override { interrupted_ = true; }

  void on_save(sift::CallbackContext&, const std::filesystem::path&) override { interrupted_ = true; }

  void on_train_end(sift::CallbackContext&) override {
    if (live_) sift::set_status_line("");
    live_ = false;
  }

 private:
  void draw_if_due(const sift::TrainerState& state) {
    if (Clock::now() - drawn_ >= kRedrawEvery) draw(state);
  }

  void draw(const sift::TrainerState& state) {
    if (!live_) return;
    Progress progress;
    progress.step = state.global_step;
    progress.max_steps = state.max_steps;
    for (auto entry = state.log_history.rbegin(); entry != state.log_history.rend() && !progress.loss;
         ++entry) {
      if (const double* loss = entry->find("loss")) progress.loss = *loss;
    }
    progress.tokens_per_second = run_.tokens_per_second(state);
    if (const std::int64_t steps = state.global_step - run_.steps; steps > 0) {
      const auto remaining = static_cast<double>(state.max_steps - state.global_step);
      progress.seconds_left = run_.seconds() / static_cast<double>(steps) * remaining;
    }
    sift::set_status_line(format_progress(progress));
    drawn_ = Clock::now();
  }

  Options options_;
  bool live_ = false;
  bool interrupted_ = false;  ///< an evaluation or a save since the last step, not training time
  Stretch run_, window_;      ///< since the start of this process; since the last training entry
  Clock::time_point step_end_, drawn_;
};

}  // namespace

SIFT_PLUGIN("logging", "1.0.0", "Writes log lines and shows progress",
            [](sift::Registry& registry) { registry.add_callback<LoggingCallback>("logging"); })
