#include "parallel/layer_weights.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "parallel/division.h"

namespace sift {
namespace {

/// Where the storage of `tensor` is empty, it gets memory of `nbytes`.
void allocate(const at::Tensor& tensor, std::size_t nbytes) {
  const at::Tensor fresh =
      at::empty({static_cast<std::int64_t>(nbytes)}, tensor.options().dtype(at::kByte).requires_grad(false));
  const c10::Storage& storage = tensor.storage();
  storage.unsafeGetStorageImpl()->set_data_ptr_noswap(
      fresh.storage().unsafeGetStorageImpl()->set_data_ptr(at::DataPtr(nullptr, tensor.device())));
  storage.unsafeGetStorageImpl()->set_nbytes(nbytes);
}

void empty_storage(const at::Tensor& tensor) {
  c10::StorageImpl* storage = tensor.storage().unsafeGetStorageImpl();
  storage->set_data_ptr_noswap(at::DataPtr(nullptr, tensor.device()));
  storage->set_nbytes(0);
}

/// Rows [size, chunk] of a weight in the parts of all processes, uint8 [size, bytes].
at::Tensor rows_of(const at::Tensor& parts, std::int64_t offset, std::int64_t chunk, at::ScalarType dtype) {
  const auto bytes = chunk * static_cast<std::int64_t>(c10::elementSize(dtype));
  return parts.narrow(1, offset, bytes).view(dtype);
}

std::int64_t chunk_of(const at::Tensor& whole, std::int64_t size) {
  return Division{whole.numel(), size}.chunk();
}

}  // namespace

std::optional<std::int64_t> layer_of(const std::string& name) {
  constexpr std::string_view kLayers = ".layers.";
  const std::size_t place = name.find(kLayers);
  if (place == std::string::npos) return std::nullopt;
  std::int64_t layer = 0;
  const char* begin = name.data() + place + kLayers.size();
  const auto [end, failure] = std::from_chars(begin, name.data() + name.size(), layer);
  if (failure != std::errc() || end == name.data() + name.size() || *end != '.') return std::nullopt;
  return layer;
}

void LayerWeights::add(const Parameter& parameter) {
  const at::Tensor& tensor = parameter.tensor;
  const bool owns_storage =
      tensor.is_contiguous() && tensor.storage_offset() == 0 && tensor.storage().nbytes() == tensor.nbytes();
  if (!owns_storage || slices_.contains(parameter.name)) return;
  Layer& layer = layer_for(parameter.name);
  Weight weight;
  weight.name = parameter.name;
  weight.nbytes = tensor.nbytes();
  weight.offset = layer.part_bytes;
  weight.slice = slice_of(tensor, group_.size(), group_.rank()).clone();
  weight.whole = at::empty({0}, tensor.options().requires_grad(false))
                     .set_(tensor.storage(), 0, tensor.sizes(), tensor.strides());
  // a multiple of 8 bytes, so that each weight of another type is aligned
  const auto bytes = chunk_of(tensor, group_.size()) * static_cast<std::int64_t>(tensor.element_size());
  layer.part_bytes += (bytes + 7) / 8 * 8;
  empty_storage(weight.whole);
  slices_[parameter.name] = weight.slice;
  layer.weights.push_back(std::move(weight));
}

LayerWeights::Layer& LayerWeights::layer_for(const std::string& name) {
  const std::optional<std::int64_t> number = layer_of(name);
  if (!number) return outer_;
  if (*number >= num_layers()) layers_.resize(static_cast<std::size_t>(*number) + 1);
  return layers_[static_cast<std::size_t>(*number)];
}

LayerWeights::Layer* LayerWeights::at_number(std::int64_t number) {
  if (number == num_layers()) return &outer_;
  const bool is_there = number >= 0 && number < num_layers();
  return is_there ? &layers_[static_cast<std::size_t>(number)] : nullptr;
}

at::Tensor LayerWeights::slice(const std::string& name) const {
  const auto found = slices_.find(name);
  return found == slices_.end() ? at::Tensor() : found->second;
}

void LayerWeights::prefetch(std::int64_t number) {
  Layer* found = at_number(number);
  if (found == nullptr || found->is_there || found->pending || found->weights.empty()) return;
  Layer& layer = *found;
  const at::NoGradGuard no_grad;
  const at::Device device = group_.device_for(layer.weights.front().whole);
  const at::Tensor part =
      at::zeros({1, layer.part_bytes}, at::TensorOptions().dtype(at::kByte).device(device));
  for (const Weight& weight : layer.weights) {
    const at::Tensor row =
        rows_of(part, weight.offset, chunk_of(weight.whole, group_.size()), weight.whole.scalar_type());
    row[0].narrow(0, 0, weight.slice.numel()).copy_(weight.slice);
  }
  layer.parts = at::empty({group_.size(), layer.part_bytes}, part.options());
  layer.pending = group_.all_gather(layer.parts.view({-1}), part.view({-1}));
}

void LayerWeights::need(std::int64_t number) {
  prefetch(number);
  Layer* found = at_number(number);
  if (found == nullptr || !found->pending) return;
  Layer& layer = *found;
  const at::NoGradGuard no_grad;
  layer.pending->wait();
  for (const Weight& weight : layer.weights) {
    allocate(weight.whole, weight.nbytes);
    copy_from_rows(rows_of(layer.parts, weight.offset, chunk_of(weight.whole, group_.size()),
                           weight.whole.scalar_type()),
                   weight.whole);
  }
  layer.parts.reset();
  layer.pending.reset();
  layer.is_there = true;
}

void LayerWeights::release(std::int64_t number) {
  Layer* found = at_number(number);
  if (found == nullptr) return;
  if (found->pending) need(number);
  if (!std::exchange(found->is_there, false)) return;
  for (const Weight& weight : found->weights) empty_storage(weight.whole);
}

void LayerWeights::need_all() {
  for (std::int64_t layer = 0; layer <= num_layers(); ++layer) need(layer);
}

void LayerWeights::release_all() {
  for (std::int64_t layer = 0; layer <= num_layers(); ++layer) release(layer);
}

}  // namespace sift
