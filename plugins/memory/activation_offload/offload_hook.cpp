#include "offload_hook.h"

#include <ATen/ops/empty.h>

#include <mutex>
#include <utility>

using sift::PackedTensor;

namespace {

at::Tensor over(c10::Storage storage, const at::TensorOptions& options, at::IntArrayRef sizes,
                at::IntArrayRef strides, std::int64_t offset) {
  return at::empty({0}, options).set_(std::move(storage), offset, sizes, strides);
}

}  // namespace

/// An offloaded storage. Views that are unpacked at the same time share one restored storage.
class OffloadHook::Moved {
 public:
  explicit Moved(std::unique_ptr<StoredBytes> bytes) : bytes_(std::move(bytes)) {}

  c10::Storage storage() {
    const std::scoped_lock lock(mutex_);
    if (auto there = loaded_.lock()) return c10::Storage(std::move(there));
    c10::Storage storage = bytes_->load().storage();
    loaded_ = storage.getWeakStorageImpl();
    return storage;
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<StoredBytes> bytes_;
  c10::weak_intrusive_ptr<c10::StorageImpl> loaded_{c10::intrusive_ptr<c10::StorageImpl>()};
};

class OffloadHook::MovedView final : public PackedTensor {
 public:
  MovedView(std::shared_ptr<Moved> moved, const at::Tensor& tensor)
      : moved_(std::move(moved)),
        options_(tensor.options()),
        sizes_(tensor.sizes().vec()),
        strides_(tensor.strides().vec()),
        offset_(tensor.storage_offset()) {}

  at::Tensor unpack() override { return over(moved_->storage(), options_, sizes_, strides_, offset_); }

 private:
  std::shared_ptr<Moved> moved_;
  at::TensorOptions options_;
  std::vector<std::int64_t> sizes_, strides_;
  std::int64_t offset_;
};

OffloadHook::OffloadHook(std::shared_ptr<Store> store, std::int64_t min_bytes,
                         const std::vector<at::Tensor>& weights)
    : store_(std::move(store)), min_bytes_(static_cast<std::size_t>(min_bytes)) {
  for (const at::Tensor& weight : weights) weights_.insert(weight.storage().unsafeGetStorageImpl());
}

/// Whether the tensor must not be offloaded, or offloading it would not save memory.
bool OffloadHook::stays(const at::Tensor& tensor) const {
  if (tensor.layout() != at::kStrided || !tensor.has_storage() || tensor.is_conj() || tensor.is_neg())
    return true;
  if (tensor.storage().nbytes() < min_bytes_) return true;
  if (weights_.contains(tensor.storage().unsafeGetStorageImpl())) return true;
  // parameters outside of the model, such as those of a loss
  const at::TensorBase& base = tensor.is_view() ? tensor._base() : static_cast<const at::TensorBase&>(tensor);
  return base.is_leaf() && base.requires_grad();
}

std::unique_ptr<PackedTensor> OffloadHook::pack(const at::Tensor& tensor) {
  if (stays(tensor)) return nullptr;
  return std::make_unique<MovedView>(move_out(tensor), tensor);
}

std::shared_ptr<OffloadHook::Moved> OffloadHook::move_out(const at::Tensor& tensor) {
  const c10::Storage& storage = tensor.storage();
  const std::int64_t version = tensor._version();
  const auto found = moved_.find(storage.unsafeGetStorageImpl());
  if (found != moved_.end() && !found->second.storage.expired() && found->second.version == version) {
    if (auto moved = found->second.moved.lock()) return moved;
  }
  const auto size = static_cast<std::int64_t>(storage.nbytes());
  const at::Tensor bytes = over(storage, tensor.options().dtype(at::kByte), {size}, {1}, 0);
  auto moved = std::make_shared<Moved>(store_->store(bytes));
  moved_.insert_or_assign(storage.unsafeGetStorageImpl(),
                          Entry{storage.getWeakStorageImpl(), version, moved});
  return moved;
}
