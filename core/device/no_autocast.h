#pragma once

#include <ATen/autocast_mode.h>
#include <ATen/core/Tensor.h>

namespace sift {

/// Disables autocast while it lives: the result of a fused operator must not depend on whether its forward or
/// backward pass runs inside an autocast region.
class NoAutocast {
 public:
  explicit NoAutocast(c10::DeviceType device)
      : device_(device), was_on_(at::autocast::is_autocast_enabled(device)) {
    at::autocast::set_autocast_enabled(device_, false);
  }
  ~NoAutocast() { at::autocast::set_autocast_enabled(device_, was_on_); }
  NoAutocast(const NoAutocast&) = delete;
  NoAutocast& operator=(const NoAutocast&) = delete;

 private:
  c10::DeviceType device_;
  bool was_on_;
};

/// x in the data type in which autocast, if it is on, would multiply it.
inline at::Tensor as_product_input(const at::Tensor& x) {
  const c10::DeviceType device = x.device().type();
  if (!at::autocast::is_autocast_enabled(device) || x.scalar_type() == at::kDouble) return x;
  return x.to(at::autocast::get_autocast_dtype(device));
}

}  // namespace sift
