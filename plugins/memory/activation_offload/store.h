#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

/// Bytes that were moved out. They are given up when this is destroyed.
class StoredBytes {
 public:
  virtual ~StoredBytes() = default;
  /// The bytes on the device they came from, as uint8 [n] with a storage of their own.
  virtual at::Tensor load() = 0;
};

/// Where bytes go. It may be used by several threads.
class Store {
 public:
  virtual ~Store() = default;
  /// Takes a copy of `bytes`, uint8 [n] on any device.
  virtual std::unique_ptr<StoredBytes> store(const at::Tensor& bytes) = 0;
  /// What is stored from now on belongs to the next layer.
  virtual void begin_layer() {}
};
