#pragma once

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/TensorOptions.h>

#include <utility>

namespace sift {

/// One of the fused operators of library.cpp, by its name ("sift::rms_norm"). A call runs the version
/// registered for the device of its tensors, or else the plain ATen version (plain.h), and records no graph.
/// Profilers show this name.
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

/// Whether this device type has its own version of the operator.
inline bool has_version(const char* name, c10::DeviceType device) {
  const c10::DispatchKey key = c10::computeDispatchKey({}, {}, c10::Device(device));
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").hasKernelForDispatchKey(key);
}

}  // namespace sift
