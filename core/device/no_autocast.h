#pragma once

#include <ATen/autocast_mode.h>

namespace sift {

/// Switches autocast off while it lives: what a fused operator computes must not depend on whether its
/// forward or backward pass is called inside an autocast region.
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
