#include "device/late_device.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/EmptyTensor.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/resize_native.h>
#include <ATen/ops/set_cpu_dispatch.h>
#include <ATen/ops/view_native.h>
#include <c10/core/Allocator.h>
#include <c10/core/DeviceType.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "device/machine.h"

namespace sift::test {
namespace {

thread_local c10::StreamId current_stream = 0;

c10::Stream stream_of(c10::StreamId id) {
  return c10::Stream(c10::Stream::UNSAFE, LateDevice::device(), id);
}

struct Guard final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override { return at::kPrivateUse1; }
  c10::Device exchangeDevice(c10::Device) const override { return LateDevice::device(); }
  c10::Device getDevice() const override { return LateDevice::device(); }
  void setDevice(c10::Device) const override {}
  void uncheckedSetDevice(c10::Device) const noexcept override {}
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }

  c10::Stream getStream(c10::Device) const override { return stream_of(current_stream); }
  c10::Stream getDefaultStream(c10::Device) const override { return stream_of(0); }
  c10::Stream getStreamFromGlobalPool(c10::Device, bool) const override {
    static std::atomic<c10::StreamId> next = 0;
    return stream_of(1 + next++ % (Machine::kStreams - 1));
  }
  c10::Stream exchangeStream(c10::Stream stream) const override {
    return stream_of(std::exchange(current_stream, stream.id()));
  }
  void synchronizeStream(const c10::Stream& stream) const override {
    Machine::the().wait_for(Machine::the().mark(stream.id()));
  }
  void recordDataPtrOnStream(const c10::DataPtr& data, const c10::Stream& stream) const override {
    Machine::the().record(data.get(), stream.id());
  }

  void record(void** event, const c10::Stream& stream, c10::DeviceIndex, c10::EventFlag) const override {
    if (*event == nullptr) *event = new Mark;
    *static_cast<Mark*>(*event) = Machine::the().mark(stream.id());
  }
  void block(void* event, const c10::Stream& stream) const override {
    if (event == nullptr) return;
    Machine::the().give(stream.id(), [mark = *static_cast<Mark*>(event)] { Machine::the().wait_for(mark); });
  }
  void synchronizeEvent(void* event) const override { Machine::the().wait_for(*static_cast<Mark*>(event)); }
  void destroyEvent(void* event, c10::DeviceIndex) const noexcept override {
    delete static_cast<Mark*>(event);
  }
};
C10_REGISTER_GUARD_IMPL(PrivateUse1, Guard);

struct DeviceMemory final : c10::Allocator {
  c10::DataPtr allocate(std::size_t size) override {
    if (size == 0) return {nullptr, LateDevice::device()};
    void* address = Machine::the().allocate(size, current_stream);
    return {address, address, raw_deleter(), LateDevice::device()};
  }
  c10::DeleterFnPtr raw_deleter() const override {
    return [](void* address) { Machine::the().free(address); };
  }
  void copy_data(void* to, const void* from, std::size_t size) const override { std::memcpy(to, from, size); }
};
DeviceMemory device_memory;
REGISTER_ALLOCATOR(at::kPrivateUse1, &device_memory);

struct PinnedMemory final : c10::Allocator {
  c10::DataPtr allocate(std::size_t size) override {
    void* address = std::aligned_alloc(64, (size + 64) / 64 * 64);
    const std::scoped_lock lock(mutex);
    pinned.insert(address);
    return {address, address, raw_deleter(), at::kCPU};
  }
  c10::DeleterFnPtr raw_deleter() const override {
    return [](void* address) {
      const std::scoped_lock lock(mutex);
      pinned.erase(address);
      std::free(address);
    };
  }
  void copy_data(void* to, const void* from, std::size_t size) const override { std::memcpy(to, from, size); }

  static inline std::mutex mutex;
  static inline std::set<const void*> pinned;
};
PinnedMemory pinned_memory;

struct Hooks final : at::PrivateUse1HooksInterface {
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  c10::DeviceIndex deviceCount() const override { return 1; }
  c10::DeviceIndex getCurrentDevice() const override { return 0; }
  const at::Generator& getDefaultGenerator(c10::DeviceIndex) const override {
    return at::detail::getDefaultCPUGenerator();
  }
  c10::Allocator* getPinnedMemoryAllocator() const override { return &pinned_memory; }
  bool isPinnedPtr(const void* data) const override {
    const std::scoped_lock lock(PinnedMemory::mutex);
    return PinnedMemory::pinned.contains(data);
  }
};
Hooks hooks;
[[maybe_unused]] const bool registered = [] {
  c10::register_privateuse1_backend("late");
  at::RegisterPrivateUse1HooksInterface(&hooks);
  return true;
}();

constexpr c10::DispatchKeySet kKeys(c10::DispatchKey::PrivateUse1);

at::Tensor empty(at::IntArrayRef sizes, std::optional<at::ScalarType> dtype, std::optional<at::Layout>,
                 std::optional<at::Device>, std::optional<bool>, std::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(sizes, &device_memory, kKeys, dtype.value_or(at::kFloat), format);
}

at::Tensor empty_strided(at::IntArrayRef sizes, at::IntArrayRef strides, std::optional<at::ScalarType> dtype,
                         std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool>) {
  return at::detail::empty_strided_generic(sizes, strides, &device_memory, kKeys, dtype.value_or(at::kFloat));
}

/// The same memory as a CPU's tensor. It does not keep memory of the device.
at::Tensor on_host(const at::Tensor& tensor) {
  if (tensor.is_cpu()) return tensor;
  return at::from_blob(tensor.data_ptr(), tensor.sizes(), tensor.strides(),
                       tensor.options().device(at::kCPU));
}

bool needs_waiting(const at::Tensor& tensor) {
  return tensor.is_cpu() && !hooks.isPinnedPtr(tensor.storage().data());
}

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool non_blocking) {
  const bool waits = !non_blocking || needs_waiting(from) || needs_waiting(to);
  if (from.numel() > 0) {
    Machine::the().give(current_stream,
                        [source = on_host(from), target = on_host(to)]() mutable { target.copy_(source); });
    if (from.is_cpu() || to.is_cpu()) Machine::the().note({to.is_cpu(), current_stream, waits});
  }
  if (waits) Machine::the().wait_for(Machine::the().mark(current_stream));
  return to;
}

at::Tensor copy_from_and_resize(const at::Tensor& from, const at::Tensor& to) {
  if (to.sizes() != from.sizes()) at::native::resize_(to, from.sizes(), std::nullopt);
  return copy_from(from, to, false);
}

at::Tensor& set_storage(at::Tensor& self, at::Storage storage, std::int64_t offset, at::IntArrayRef sizes,
                        at::IntArrayRef strides) {
  return at::cpu::set_(self, std::move(storage), offset, sizes, strides);
}

void record_stream(at::Tensor& self, at::Stream stream) {
  Machine::the().record(self.storage().mutable_data(), stream.id());
}

/// As on a GPU, no operator takes tensors of the host, single numbers apart.
void expect_no_host_tensors(const c10::OperatorHandle& op, const torch::jit::Stack& stack) {
  for (const c10::IValue& argument : torch::jit::last(stack, op.schema().arguments().size())) {
    const auto tensors = argument.isTensorList() ? argument.toTensorVector()
                         : argument.isTensor()   ? std::vector{argument.toTensor()}
                                                 : std::vector<at::Tensor>();
    for (const at::Tensor& tensor : tensors) {
      TORCH_CHECK(!tensor.defined() || !tensor.is_cpu() || tensor.dim() == 0, toString(op.operator_name()),
                  ": expected all tensors on the same device, found one of the host");
    }
  }
}

/// Operators whose result, or its shape, is a value that the host must know.
bool reads_device(const std::string& name) {
  for (const char* reading : {"aten::_local_scalar_dense", "aten::equal", "aten::nonzero",
                              "aten::masked_select", "aten::bincount", "aten::_unique2"}) {
    if (name == reading) return true;
  }
  return false;
}

void on_cpu(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  expect_no_host_tensors(op, *stack);
  const std::string& name = op.operator_name().name;
  if (reads_device(name)) Machine::the().note_read(name);
  at::native::cpu_fallback(op, stack);
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
  library.impl("empty.memory_format", TORCH_FN(empty));
  library.impl("empty_strided", TORCH_FN(empty_strided));
  library.impl("as_strided", TORCH_FN(at::native::as_strided_tensorimpl));
  library.impl("_reshape_alias", TORCH_FN(at::native::_reshape_alias));
  library.impl("view", TORCH_FN(at::native::view));
  library.impl("set_.source_Storage_storage_offset", TORCH_FN(set_storage));
  library.impl("_copy_from", TORCH_FN(copy_from));
  library.impl("_copy_from_and_resize", TORCH_FN(copy_from_and_resize));
  library.impl("record_stream", TORCH_FN(record_stream));
}
TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&on_cpu>());
}

}  // namespace

void LateDevice::hurry(bool side_streams) {
  Machine::the().hurry(side_streams);
}
void LateDevice::synchronize() {
  Machine::the().wait_for_all();
}
std::vector<LateDevice::Copy> LateDevice::take_copies() {
  return Machine::the().take_copies();
}
std::vector<std::string> LateDevice::take_reads() {
  return Machine::the().take_reads();
}
std::int64_t LateDevice::live_bytes() {
  return Machine::the().live();
}
void LateDevice::reset_peak() {
  Machine::the().reset_peak();
}
std::int64_t LateDevice::peak_bytes() {
  return Machine::the().peak();
}

}  // namespace sift::test
