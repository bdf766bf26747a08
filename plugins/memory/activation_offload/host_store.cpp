#include "host_store.h"

#include <ATen/ops/empty.h>
#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <utility>

namespace {

c10::Stream current_stream(at::Device device) {
  return c10::impl::VirtualGuardImpl(device.type()).getStream(device);
}

/// Makes `later` wait for all work submitted to `earlier` so far.
void order(const c10::Stream& earlier, const c10::Stream& later) {
  c10::Event event(earlier.device_type());
  event.record(earlier);
  event.block(later);
}

}  // namespace

/// Bytes in host memory and, once requested, their copy back to the device.
class HostStore::Copy {
 public:
  Copy(const at::Tensor& bytes, const c10::Stream& side, std::size_t layer)
      : options_(bytes.options()), side_(side), layer_(layer) {
    order(current_stream(bytes.device()), side_);
    const c10::StreamGuard guard(side_);
    host_ = at::empty(bytes.sizes(), options_.device(at::kCPU).pinned_memory(true));
    host_.copy_(bytes, true);
    bytes.record_stream(side_);  // its memory must not be reused before the copy has finished
  }

  std::size_t layer() const { return layer_; }

  void start() {
    if (back_.defined()) return;
    const c10::StreamGuard guard(side_);
    back_ = at::empty(host_.sizes(), options_);
    back_.copy_(host_, true);
  }

  at::Tensor finish() {
    start();
    const c10::Stream current = current_stream(back_.device());
    order(side_, current);
    back_.record_stream(current);
    return std::exchange(back_, at::Tensor());
  }

 private:
  at::TensorOptions options_;
  c10::Stream side_;
  std::size_t layer_;
  at::Tensor host_;
  at::Tensor back_;
};

class HostStore::Handle final : public StoredBytes {
 public:
  Handle(std::shared_ptr<HostStore> store, std::shared_ptr<Copy> copy)
      : store_(std::move(store)), copy_(std::move(copy)) {}
  at::Tensor load() override { return store_->load(*copy_); }

 private:
  std::shared_ptr<HostStore> store_;
  std::shared_ptr<Copy> copy_;
};

HostStore::HostStore(const c10::Stream& side) : side_(side), layers_(1) {}

c10::Stream HostStore::side_stream(at::Device device) {
  return c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device);
}

std::unique_ptr<StoredBytes> HostStore::store(const at::Tensor& bytes) {
  const std::scoped_lock lock(mutex_);
  const auto copy = std::make_shared<Copy>(bytes, side_, layers_.size() - 1);
  layers_.back().push_back(copy);
  return std::make_unique<Handle>(shared_from_this(), copy);
}

void HostStore::begin_layer() {
  const std::scoped_lock lock(mutex_);
  layers_.emplace_back();
}

at::Tensor HostStore::load(Copy& copy) {
  const std::scoped_lock lock(mutex_);
  at::Tensor bytes = copy.finish();
  if (copy.layer() > 0) {
    for (const std::weak_ptr<Copy>& before : std::exchange(layers_[copy.layer() - 1], {})) {
      if (const auto alive = before.lock()) alive->start();
    }
  }
  return bytes;
}
