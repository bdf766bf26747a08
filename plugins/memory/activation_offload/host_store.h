#pragma once

#include <c10/core/Stream.h>

#include <mutex>
#include <vector>

#include "store.h"

/// Pinned host memory, for tensors of a GPU. Copies run on a separate stream in parallel to the computation.
/// When a tensor of a layer is loaded, those of the previous layer are prefetched. Uses the GPU through c10
/// only, so it builds without CUDA.
class HostStore final : public Store, public std::enable_shared_from_this<HostStore> {
 public:
  /// Copies run on the stream `side`, which must belong to the device of the tensors.
  explicit HostStore(const c10::Stream& side);
  static c10::Stream side_stream(at::Device device);

  std::unique_ptr<StoredBytes> store(const at::Tensor& bytes) override;
  void begin_layer() override;

 private:
  class Copy;
  class Handle;
  using Layer = std::vector<std::weak_ptr<Copy>>;

  at::Tensor load(Copy& copy);

  c10::Stream side_;
  std::mutex mutex_;
  std::vector<Layer> layers_;
};
