#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

/// Offloaded bytes. They are released when this object is destroyed.
class StoredBytes {
 public:
  virtual ~StoredBytes() = default;
  /// Returns the bytes on their original device, as uint8 [n] with their own storage.
  virtual at::Tensor load() = 0;
};

/// A destination for offloaded bytes. Thread-safe.
class Store {
 public:
  virtual ~Store() = default;
  /// Copies `bytes`, uint8 [n] on any device.
  virtual std::unique_ptr<StoredBytes> store(const at::Tensor& bytes) = 0;
  /// Bytes stored from now on belong to the next layer.
  virtual void begin_layer() {}
};
