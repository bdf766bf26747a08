#pragma once

#include <c10/core/StorageImpl.h>

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <sift/saved_tensors.h>
#include "store.h"

/// Moves the tensors that a step saves for backward into a store: whole storages, each one once even if
/// several views of it are saved. Weights and small tensors are not offloaded.
class OffloadHook final : public sift::SavedTensorHook {
 public:
  OffloadHook(std::shared_ptr<Store> store, std::int64_t min_bytes, const std::vector<at::Tensor>& weights);

  std::unique_ptr<sift::PackedTensor> pack(const at::Tensor& tensor) override;

 private:
  class Moved;
  class MovedView;
  /// An offloaded storage. The weak pointer also prevents its address from being reused.
  struct Entry {
    c10::weak_intrusive_ptr<c10::StorageImpl> storage;
    std::int64_t version;
    std::weak_ptr<Moved> moved;
  };

  bool stays(const at::Tensor& tensor) const;
  std::shared_ptr<Moved> move_out(const at::Tensor& tensor);

  std::shared_ptr<Store> store_;
  std::size_t min_bytes_;
  std::unordered_set<const c10::StorageImpl*> weights_;
  std::unordered_map<const c10::StorageImpl*, Entry> moved_;
};
