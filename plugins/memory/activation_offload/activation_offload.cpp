#include <filesystem>
#include <optional>

#include <sift/plugin.h>
#include "host_store.h"
#include "offload_hook.h"
#include "spill_file.h"

namespace {

/// Offloads the tensors that a step saves for backward and restores them when backward needs them.
class ActivationOffload final : public sift::MemoryStrategy {
 public:
  struct Options {
    std::string target = "host";
    std::string folder;
    std::int64_t min_bytes = 64 << 10;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("target", &Options::target,
               "host: host memory, for a GPU only; disk: a file, for a CPU or a GPU",
               sift::one_of({"host", "disk"}));
    schema.add("folder", &Options::folder,
               "folder of the spill file, which has no name; empty: the system's temporary folder");
    schema.add("min_bytes", &Options::min_bytes, "tensors smaller than this are not offloaded",
               sift::at_least(1));
  }

  explicit ActivationOffload(const Options& options) : options_(options) {
    if (options_.target != "disk") return;
    store_ = std::make_shared<SpillFile>(options_.folder.empty() ? std::filesystem::temp_directory_path()
                                                                 : std::filesystem::path(options_.folder));
  }

  at::Tensor run_layer(const sift::Layer& layer, const at::Tensor& hidden_nh) override {
    if (store_ != nullptr) store_->begin_layer();
    return layer.forward(hidden_nh);
  }

  std::unique_ptr<sift::StepScope> step_scope(const sift::StepInfo& info) override {
    if (options_.target == "host") {
      const at::Device device = info.weights.at(0).device();
      if (device.is_cpu()) {
        throw sift::Error(
            "target = \"host\" requires a GPU, but this run is on the CPU, where all tensors are in host "
            "memory already; use target = \"disk\" with a folder on a fast disk");
      }
      // created once: a new stream for each step would create a new memory pool on the device each time
      if (!side_) side_ = HostStore::side_stream(device);
      store_ = std::make_shared<HostStore>(*side_);
    }
    return std::make_unique<Scope>(std::make_shared<OffloadHook>(store_, options_.min_bytes, info.weights));
  }

 private:
  class Scope final : public sift::StepScope {
   public:
    explicit Scope(std::shared_ptr<sift::SavedTensorHook> hook) : saved_tensors_(std::move(hook)) {}

   private:
    sift::SavedTensorScope saved_tensors_;
  };

  Options options_;
  std::shared_ptr<Store> store_;
  std::optional<c10::Stream> side_;
};

}  // namespace

SIFT_PLUGIN("activation_offload", "1.0.0",
            "Offloads the tensors saved for backward to host memory or to disk",
            [](sift::Registry& registry) { registry.add_memory<ActivationOffload>("activation_offload"); })
