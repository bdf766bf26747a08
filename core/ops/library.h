#pragma once

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/TensorOptions.h>

#include <utility>

namespace sift {

/// One of the fused operators that library.cpp lists, by its name there ("sift::rms_norm"). A call runs the
/// version that is registered for the device of its tensors, or else the one in plain ATen (plain.h), and
/// records no graph. Profilers show it under its name.
template <class Signature>
class LibraryOp {
 public:
  explicit LibraryOp(const char* name)
      : handle_(c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Signature>()) {}

  template <class... Args>
  auto operator()(Args&&... args) const {
    const at::AutoDispatchBelowADInplaceOrView below_autograd;
    return handle_.call(std::forward<Args>(args)...);
  }

 private:
  c10::TypedOperatorHandle<Signature> handle_;
};

/// Whether this kind of device has a version of the operator of its own.
inline bool has_version(const char* name, c10::DeviceType device) {
  const c10::DispatchKey key = c10::computeDispatchKey({}, {}, c10::Device(device));
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").hasKernelForDispatchKey(key);
}

}  // namespace sift
