#include <sift/saved_tensors.h>

#include <c10/util/Exception.h>
#include <torch/csrc/autograd/engine.h>
#include <torch/csrc/autograd/saved_variable_hooks.h>

#include <utility>

namespace sift {
namespace {

using Level = SavedTensorScope::Level;

/// The innermost scope of this thread.
thread_local const Level* innermost = nullptr;

/// Lets `level` be the innermost one while it lives.
class InnermostGuard {
 public:
  explicit InnermostGuard(const Level* level) : before_(std::exchange(innermost, level)) {}
  ~InnermostGuard() { innermost = before_; }
  InnermostGuard(const InnermostGuard&) = delete;
  InnermostGuard& operator=(const InnermostGuard&) = delete;

 private:
  const Level* before_;
};

/// One saved tensor: asks the hooks from the innermost scope outwards.
class HookChain final : public torch::autograd::SavedVariableHooks {
 public:
  void call_pack_hook(const at::Tensor& tensor) override {
    for (const Level* level = innermost; level != nullptr; level = level->below) {
      const InnermostGuard outer(level->below);
      packed_ = level->hook->pack(tensor);
      if (packed_ != nullptr) return;
    }
    kept_ = tensor.detach();  // shares the version counter
    version_ = kept_._version();
  }

  at::Tensor call_unpack_hook() override {
    if (packed_ != nullptr) return packed_->unpack();
    // autograd leaves this check to the hooks once there are any
    TORCH_CHECK(kept_._version() == version_,
                "a tensor that is needed for the gradient was changed in place");
    return kept_;
  }

 private:
  std::unique_ptr<PackedTensor> packed_;
  at::Tensor kept_;
  std::int64_t version_ = 0;
};

/// The engine is where autograd asks for hooks; all else is LibTorch's own.
class HookedEngine final : public torch::autograd::Engine {
 public:
  ~HookedEngine() override { stop(); }
  std::unique_ptr<torch::autograd::SavedVariableHooks> get_default_saved_variable_hooks() override {
    return innermost == nullptr ? nullptr : std::make_unique<HookChain>();
  }
};

torch::autograd::Engine& hooked_engine() {
  static HookedEngine engine;
  return engine;
}

// When the library is loaded, since LibTorch starts the threads of devices only for the first engine that is
// used, and an engine must not change under a running backward pass.
[[maybe_unused]] const bool kInstalled = [] {
  torch::autograd::set_default_engine_stub(&hooked_engine);
  return true;
}();

}  // namespace

PackedTensor::~PackedTensor() = default;

SavedTensorHook::~SavedTensorHook() = default;

SavedTensorScope::SavedTensorScope(std::shared_ptr<SavedTensorHook> hook)
    : level_{std::move(hook), innermost} {
  innermost = &level_;
}

SavedTensorScope::~SavedTensorScope() {
  innermost = level_.below;
}

at::Tensor keep_output(at::TensorList inputs, const std::function<at::Tensor()>& compute) {
  return innermost == nullptr ? compute() : innermost->hook->keep_output(inputs, compute);
}

}  // namespace sift
