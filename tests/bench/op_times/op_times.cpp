#include <ATen/record_function.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <sift/error.h>
#include <sift/plugin.h>

namespace {

using Clock = std::chrono::steady_clock;

/// Seconds spent in an operator itself, without those that it calls.
struct Row {
  std::int64_t calls = 0;
  double seconds = 0.0;
};

/// What the callbacks of one operator in progress share. A stack of these is what each thread is inside of.
struct Frame : at::ObserverContext {
  std::string name;
  Clock::time_point begin;
  double children = 0.0;
  Frame* parent = nullptr;
};
thread_local Frame* innermost = nullptr;

std::map<std::string, Row>* table = nullptr;
bool with_shapes = true;

std::string name_of(const at::RecordFunction& function) {
  std::string name = function.name();
  if (!with_shapes) return name;
  std::string shapes;
  for (const c10::IValue& input : function.inputs()) {
    if (input.isTensor() && input.toTensor().defined()) {
      shapes += fmt::format(" [{}]", fmt::join(input.toTensor().sizes(), ","));
    }
  }
  return name + shapes;
}

std::unique_ptr<at::ObserverContext> enter(const at::RecordFunction& function) {
  auto frame = std::make_unique<Frame>();
  frame->name = name_of(function);  // the operands are gone when it ends
  frame->parent = innermost;
  innermost = frame.get();
  frame->begin = Clock::now();
  return frame;
}

void leave(const at::RecordFunction&, at::ObserverContext* context) {
  const auto* frame = static_cast<Frame*>(context);
  const double seconds = std::chrono::duration<double>(Clock::now() - frame->begin).count();
  innermost = frame->parent;
  if (innermost != nullptr) innermost->children += seconds;
  Row& row = (*table)[frame->name];
  ++row.calls;
  row.seconds += seconds - frame->children;
}

/// Writes where the time of the steps went, operator by operator. The table is for the loop's thread, which
/// runs backward on a CPU, too.
class OpTimes final : public sift::Callback {
 public:
  struct Options {
    std::string file;
    std::int64_t skip_steps = 1;
    bool shapes = true;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("file", &Options::file, "where to write the table");
    schema.add("skip_steps", &Options::skip_steps, "steps at the start that are not counted");
    schema.add("shapes", &Options::shapes, "a row for each shape of the operands");
  }

  explicit OpTimes(const Options& options) : options_(options) {
    table = &rows_;
    with_shapes = options.shapes;
  }
  ~OpTimes() override { stop(); }

  void on_step_begin(sift::CallbackContext& context) override {
    if (context.state.global_step < options_.skip_steps || watching_) return;
    begin_ = Clock::now();
    handle_ = at::addThreadLocalCallback(
        at::RecordFunctionCallback(enter, leave)
            .needsInputs(options_.shapes)
            .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}));
    watching_ = true;
  }
  void on_step_end(sift::CallbackContext& context) override {
    if (watching_ && context.state.global_step == context.state.max_steps) write();
  }

 private:
  void stop() {
    if (watching_) at::removeCallback(handle_);
    watching_ = false;
  }

  void write() {
    const double wall = std::chrono::duration<double>(Clock::now() - begin_).count();
    stop();
    std::ofstream out(options_.file);
    if (!out) throw sift::Error("op_times: " + options_.file + ": cannot be written");
    std::vector<std::pair<std::string, Row>> sorted(rows_.begin(), rows_.end());
    std::ranges::sort(sorted,
                      [](const auto& a, const auto& b) { return a.second.seconds > b.second.seconds; });
    double sum = 0.0;
    for (const auto& [name, row] : sorted) sum += row.seconds;
    out << fmt::format("{:8.3f} s of the wall clock, {:.3f} s inside operators\n", wall, sum);
    for (const auto& [name, row] : sorted) {
      out << fmt::format("{:6.2f} % {:8.3f} s {:6} x {}\n", 100.0 * row.seconds / wall, row.seconds,
                         row.calls, name);
    }
  }

  Options options_;
  std::map<std::string, Row> rows_;
  at::CallbackHandle handle_ = 0;
  bool watching_ = false;
  Clock::time_point begin_;
};

}  // namespace

SIFT_PLUGIN("op_times", "1.0.0", "Where the time of the steps went, operator by operator",
            [](sift::Registry& registry) { registry.add_callback<OpTimes>("op_times"); })
