#pragma once

#include <c10/core/Stream.h>

#include <mutex>
#include <vector>

#include "store.h"

/// Pinned memory of the host, for tensors of a GPU. Copies run on a stream of their own beside the
/// computation; when a tensor of a layer is wanted again, those of the layer before it are on their way
/// already. It speaks to the GPU through c10 alone and so needs none to be built.
class HostStore final : public Store, public std::enable_shared_from_this<HostStore> {
 public:
  /// Copies run on `side`, of the device that the tensors are on.
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
