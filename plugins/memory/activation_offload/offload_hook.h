#pragma once

#include <c10/core/StorageImpl.h>

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <sift/saved_tensors.h>
#include "store.h"

/// Moves what a step saves for backward into a store: whole storages, each once however many views of it are
/// saved. Weights stay where they are, and so do small tensors.
class OffloadHook final : public sift::SavedTensorHook {
 public:
  OffloadHook(std::shared_ptr<Store> store, std::int64_t min_bytes, const std::vector<at::Tensor>& weights);

  std::unique_ptr<sift::PackedTensor> pack(const at::Tensor& tensor) override;

 private:
  class Moved;
  class MovedView;
  /// A storage that has been moved. The weak pointer also keeps its address from being given to another one.
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
