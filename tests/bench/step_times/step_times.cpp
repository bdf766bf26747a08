#include <ATen/DeviceAccelerator.h>

#include <chrono>
#include <fstream>
#include <string>

#include <sift/error.h>
#include <sift/plugin.h>

namespace {

/// Writes one line for each step: the wall clock in seconds when it began and when it ended, the tokens of
/// the run so far, and the most bytes of the device that were in use at a time (0 on a CPU). For
/// measurements: the loop knows nothing of it.
class StepTimes final : public sift::Callback {
 public:
  struct Options {
    std::string file;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("file", &Options::file, "where to write the times");
  }

  explicit StepTimes(const Options& options) : out_(options.file) {
    if (!out_) throw sift::Error("step_times: " + options.file + ": cannot be written");
    out_.precision(15);
  }
  void on_step_begin(sift::CallbackContext&) override { begin_ = now(); }
  void on_step_end(sift::CallbackContext& context) override {
    out_ << begin_ << ' ' << now() << ' ' << context.state.num_tokens << ' ' << peak_bytes() << std::endl;
  }

 private:
  static double now() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  }

  static std::int64_t peak_bytes() {
    if (!at::getAccelerator()) return 0;
    const auto stats = at::accelerator::getDeviceStats(at::accelerator::getDeviceIndex());
    return stats.allocated_bytes[static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE)].peak;
  }

  std::ofstream out_;
  double begin_ = 0.0;
};

}  // namespace

SIFT_PLUGIN("step_times", "1.0.0", "When each step began and ended",
            [](sift::Registry& registry) { registry.add_callback<StepTimes>("step_times"); })
