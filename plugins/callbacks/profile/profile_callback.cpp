#include <ATen/DeviceAccelerator.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/profiler_kineto.h>

#include <fstream>
#include <set>
#include <string>

#include <sift/log.h>
#include <sift/plugin.h>
#include "profile_table.h"

namespace {
namespace fs = std::filesystem;
namespace profiler = torch::autograd::profiler;
using torch::profiler::impl::ActivityType;
using torch::profiler::impl::ProfilerConfig;
using torch::profiler::impl::ProfilerState;

/// Whether there is a device other than the CPU.
bool has_device() {
  return at::getAccelerator().has_value();
}

void wait_for_device() {
  if (has_device()) at::accelerator::synchronizeDevice(at::accelerator::getDeviceIndex());
}

ProfileTable::Kind kind_of(const profiler::KinetoEvent& event) {
  if (event.deviceType() != c10::DeviceType::CPU) return ProfileTable::Kind::kKernel;
  return event.name().starts_with("cuda") ? ProfileTable::Kind::kCall : ProfileTable::Kind::kOperator;
}

/// Records some steps with LibTorch's profiler: as a Chrome trace, which Perfetto can open, and as a summary
/// table.
class ProfileCallback final : public sift::Callback {
 public:
  struct Options {
    std::int64_t start_step = 3;
    std::int64_t num_steps = 1;
    std::string file = "profile.json";
    std::string table = "profile.txt";
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("start_step", &Options::start_step, "first step to record, counted from 1", sift::at_least(1));
    schema.add("num_steps", &Options::num_steps, "number of steps to record", sift::at_least(1));
    schema.add("file", &Options::file, "Chrome trace, relative to output_dir unless absolute",
               sift::not_empty());
    schema.add("table", &Options::table, "summary table, relative to output_dir unless absolute",
               sift::not_empty());
  }

  explicit ProfileCallback(const Options& options) : options_(options) {}
  ~ProfileCallback() override {
    if (is_recording_) profiler::disableProfiler();
  }

  void on_step_begin(sift::CallbackContext& context) override {
    if (context.state.global_step + 1 != options_.start_step) return;
    std::set<ActivityType> activities{ActivityType::CPU};
    if (has_device()) activities.insert(ActivityType::CUDA);
    const ProfilerConfig config(ProfilerState::KINETO);
    wait_for_device();
    profiler::prepareProfiler(config, activities);
    profiler::enableProfiler(config, activities);
    is_recording_ = true;
  }

  void on_step_end(sift::CallbackContext& context) override {
    const std::int64_t recorded = context.state.global_step - options_.start_step + 1;
    if (!is_recording_ || recorded < options_.num_steps) return;
    wait_for_device();  // include pending work of the last step
    is_recording_ = false;
    const auto result = profiler::disableProfiler();
    const fs::path trace = context.output_dir / options_.file;
    result->save(trace.string());
    ProfileTable table;
    for (const profiler::KinetoEvent& event : result->events())
      table.add(kind_of(event), event.name(), event.durationNs());
    write(table.to_string(options_.num_steps), context.output_dir / options_.table);
    sift::log_info(fmt::format("profile of steps {} to {}: {}", options_.start_step,
                               context.state.global_step, trace.string()));
  }

 private:
  static void write(const std::string& text, const fs::path& file) {
    std::ofstream out(file);
    out << text;
    if (!out.flush())
      throw sift::Error(fmt::format("{} cannot be written; choose another file", file.string()));
  }

  Options options_;
  bool is_recording_ = false;
};

}  // namespace

SIFT_PLUGIN("profile", "1.0.0", "Records some steps with LibTorch's profiler",
            [](sift::Registry& registry) { registry.add_callback<ProfileCallback>("profile"); })
