#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>

#include <sift/export.h>

namespace sift {

/// A tensor that waits for backward in another form. It is destroyed when autograd needs it no more.
class SIFT_API PackedTensor {
 public:
  virtual ~PackedTensor();
  /// The tensor again: the same bits, sizes and strides. It may be called several times, and on another
  /// thread than the one that packed (on a GPU, backward has a thread of its own).
  virtual at::Tensor unpack() = 0;
};

/// Decides what becomes of the tensors that autograd keeps for backward.
class SIFT_API SavedTensorHook {
 public:
  virtual ~SavedTensorHook();
  /// Autograd wants to keep `tensor`. The answer must not keep the tensor itself, only a detached one, or the
  /// graph would never die. nullptr leaves it to the hook of the scope around; where no hook wants it, it
  /// stays as it is. What is saved while this runs goes to the hook of the scope around.
  virtual std::unique_ptr<PackedTensor> pack(const at::Tensor& tensor) = 0;
  /// The layer comes to a part whose result is small beside the work of it: see keep_output().
  virtual at::Tensor keep_output(at::TensorList /*inputs*/, const std::function<at::Tensor()>& compute) {
    return compute();
  }
};

/// While it lives, `hook` is asked first about whatever this thread saves. Scopes nest; they end in the
/// reverse order, on the thread that began them.
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

/// What a hook throws in pack() to end a computation of which it has seen all it wanted. It is no error and
/// passes through everything that runs layers, up to the hook that threw it.
struct SIFT_API StopComputation {};

/// compute(), a part of a layer that is made of `inputs`: a strategy may keep its result instead of computing
/// it a second time. Layers mark what is expensive and has a small result, attention above all.
at::Tensor keep_output(at::TensorList inputs, const std::function<at::Tensor()>& compute);

}  // namespace sift
