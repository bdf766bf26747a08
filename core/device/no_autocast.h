#pragma once

#include <ATen/autocast_mode.h>

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

}  // namespace sift
