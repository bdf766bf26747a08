#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>

#include <sift/export.h>

namespace sift {

/// A tensor saved for backward, in packed form. Owned by the autograd graph, which destroys it as soon as it
/// is no longer needed.
class SIFT_API PackedTensor {
 public:
  virtual ~PackedTensor();
  /// Returns the original tensor: same bits, sizes and strides. May be called several times, and on a
  /// different thread than pack() (on a GPU, backward runs on its own thread).
  virtual at::Tensor unpack() = 0;
};

/// Packs and unpacks the tensors that autograd saves for backward.
class SIFT_API SavedTensorHook {
 public:
  virtual ~SavedTensorHook();
  /// Called for each tensor that autograd saves. The result must not hold `tensor` itself, only a detached
  /// tensor; otherwise the reference cycle would keep the graph alive. Return nullptr to pass the tensor on
  /// to the hook of the enclosing scope; if no hook packs it, it is saved unchanged. Tensors saved during
  /// this call go to the hook of the enclosing scope.
  virtual std::unique_ptr<PackedTensor> pack(const at::Tensor& tensor) = 0;
  /// Called for a part of a layer that is expensive to compute and has a small result; see the function
  /// keep_output() below.
  virtual at::Tensor keep_output(at::TensorList /*inputs*/, const std::function<at::Tensor()>& compute) {
    return compute();
  }
};

/// While the scope exists, `hook` is the first hook called for tensors saved by this thread. Scopes nest;
/// they must be destroyed in reverse order, on the thread that created them.
class SIFT_API SavedTensorScope {
 public:
  explicit SavedTensorScope(std::shared_ptr<SavedTensorHook> hook);
  ~SavedTensorScope();
  SavedTensorScope(const SavedTensorScope&) = delete;
  SavedTensorScope& operator=(const SavedTensorScope&) = delete;

  struct Level {
    std::shared_ptr<SavedTensorHook> hook;
    const Level* below = nullptr;
  };

 private:
  Level level_;
};

/// Thrown by a hook in pack() to abort a computation once all tensors it needs have been saved. It is not an
/// error: code that runs layers lets it propagate to the code that installed the hook.
struct SIFT_API StopComputation {};

/// Runs compute(), a part of a layer that depends on `inputs`. A memory strategy may keep its result instead
/// of recomputing it in backward. Layers mark expensive parts with small results, attention in particular.
at::Tensor keep_output(at::TensorList inputs, const std::function<at::Tensor()>& compute);

}  // namespace sift
