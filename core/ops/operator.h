#pragma once

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>
#include <ATen/record_function.h>
#include <c10/core/DeviceType.h>
#include <c10/util/Exception.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace sift {

inline c10::DeviceType device_type_of(const at::Tensor& tensor) {
  return tensor.device().type();
}
/// Of a list that is not empty.
inline c10::DeviceType device_type_of(at::TensorList tensors) {
  return tensors.front().device().type();
}

template <class Signature>
class Operator;

/// A fused operator and its versions. A call runs the version of the device of its first argument if there is
/// one and it supports the arguments, and the plain version otherwise. It records no graph. Profilers show
/// operator and version, as in "sift::rms_norm.cpu".
///
/// The source of a device's version registers it when its library is loaded, at start or at run time:
///
///     [[maybe_unused]] const bool kRotaryRegistered = op::rotary.add_version(
///         at::kCUDA, [](const at::Tensor& x, auto...) { return x.is_contiguous(); }, rotary);
template <class Result, class First, class... Rest>
class Operator<Result(First, Rest...)> {
 public:
  using Version = Result (*)(First, Rest...);
  using Supports = bool (*)(First, Rest...);

  /// `plain` supports every device and dtype. Where it is nullptr, callers ask supports() first.
  constexpr Operator(const char* name, Version plain) : name_(name), plain_(plain) {}
  Operator(const Operator&) = delete;
  Operator& operator=(const Operator&) = delete;

  /// Registers the version for a device, which runs only for arguments that `predicate` accepts. Called once
  /// for a device, before the operator runs there. Returns true.
  bool add_version(c10::DeviceType device, Supports predicate, Version version) {
    DeviceVersion& slot = versions_.at(static_cast<std::size_t>(device));
    TORCH_CHECK(slot.run == nullptr, name_, " has two versions for ", device);
    slot = {predicate, version};
    return true;
  }

  /// Whether the device has a version that supports these arguments.
  bool supports(First first, Rest... rest) const { return device_version(first, rest...) != nullptr; }

  Result operator()(First first, Rest... rest) const {
    const Version version = device_version(first, rest...);
    TORCH_CHECK(version != nullptr || plain_ != nullptr, name_, " does not support these arguments on ",
                device_type_of(first));
    std::optional<at::RecordFunction> record;
    if (auto observers = at::getStepCallbacksUnlessEmpty(at::RecordScope::FUNCTION)) {
      const std::array<c10::IValue, 1 + sizeof...(Rest)> inputs = {first, rest...};
      at::detail::record_function_with_scope(record.emplace(std::move(*observers)),
                                             label(version, device_type_of(first)),
                                             c10::ArrayRef<const c10::IValue>(inputs.data(), inputs.size()));
    }
    const at::AutoDispatchBelowADInplaceOrView below_autograd;
    return (version != nullptr ? version : plain_)(first, rest...);
  }

 private:
  struct DeviceVersion {
    Supports supports = nullptr;
    Version run = nullptr;
  };
  static constexpr auto kDeviceTypes = static_cast<std::size_t>(c10::COMPILE_TIME_MAX_DEVICE_TYPES);

  /// nullptr: the plain one.
  Version device_version(First first, Rest... rest) const {
    const DeviceVersion& found = versions_[static_cast<std::size_t>(device_type_of(first))];
    return found.run != nullptr && found.supports(first, rest...) ? found.run : nullptr;
  }
  std::string label(Version version, c10::DeviceType device) const {
    return std::string(name_) + "." + (version == nullptr ? "plain" : c10::DeviceTypeName(device, true));
  }

  const char* name_;
  Version plain_;
  std::array<DeviceVersion, kDeviceTypes> versions_{};
};

}  // namespace sift
