#include <fmt/format.h>

#include <chrono>

#include <sift/log.h>
#include <sift/plugin.h>
#include "event_file.h"
#include "event_message.h"

namespace {
namespace fs = std::filesystem;

double wall_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// The tags of transformers' TensorBoardCallback (rewrite_logs).
std::string tag_of(const std::string& key) {
  const std::string eval = "eval_";
  return key.compare(0, eval.size(), eval) == 0 ? "eval/" + key.substr(eval.size()) : "train/" + key;
}

/// Writes the log for TensorBoard, each value as a scalar, and the configuration as text.
class TensorboardCallback final : public sift::Callback {
 public:
  struct Options {
    std::string logging_dir;
  };

  static void describe(sift::Schema<Options>& schema) {
    schema.add("logging_dir", &Options::logging_dir,
               "folder of the event files, for tensorboard --logdir; empty: output_dir/runs");
  }

  explicit TensorboardCallback(const Options& options) : options_(options) {}

  void on_train_begin(sift::CallbackContext& context) override {
    const bool is_own_folder = options_.logging_dir.empty();
    const fs::path folder = is_own_folder ? context.output_dir / "runs" : fs::path(options_.logging_dir);
    const bool is_resumed = !context.resumed_from.empty();
    // files there belong to a run that this one replaces; a configured folder may be shared with other runs
    if (is_own_folder && !is_resumed) remove_event_files(folder);
    file_ = EventFile(folder);
    write(version_event(wall_time()));
    if (is_resumed) {
      write(session_start_event(wall_time(), context.state.global_step + 1));
    } else {
      const std::string page = "```toml\n" + context.config + "\n```";
      write(text_event(wall_time(), 0, "config/text_summary", page));
    }
  }

  void on_log(sift::CallbackContext&, const sift::LogEntry& entry) override {
    Scalars scalars;
    for (const auto& [key, value] : entry.values) scalars.emplace_back(tag_of(key), value);
    write(scalars_event(wall_time(), entry.step, scalars));
  }

 private:
  void write(const std::string& event) {
    if (has_failed_ || file_.write(event)) return;
    has_failed_ = true;  // readers stop at an incomplete record
    sift::log_warning(
        fmt::format("{} cannot be written; training continues without TensorBoard", file_.path().string()));
  }

  Options options_;
  EventFile file_;
  bool has_failed_ = false;
};

}  // namespace

SIFT_PLUGIN("tensorboard", "1.0.0", "Writes the log for TensorBoard",
            [](sift::Registry& registry) { registry.add_callback<TensorboardCallback>("tensorboard"); })
