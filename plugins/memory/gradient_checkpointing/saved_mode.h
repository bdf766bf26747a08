#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/GradMode.h>

#include <vector>

/// The state that a computation depends on besides its inputs: random generators and autocast. Captured in
/// the first run, so that a recomputation gives the same result.
class SavedMode {
 public:
  /// The mode of this thread for work on `device`.
  explicit SavedMode(at::Device device);

  class Scope;

 private:
  struct Autocast {
    at::DeviceType device;
    bool enabled;
    at::ScalarType dtype;

    static Autocast current(at::DeviceType device);
    void restore() const;
  };
  struct Generator {
    at::Device device;
    at::Tensor state;

    static Generator current(at::Device device);
    void restore() const;
  };

  void restore() const;

  std::vector<Autocast> autocast_;
  bool autocast_cache_;
  std::vector<Generator> generators_;
};

/// Applies a mode while it exists, with autograd on, and restores the previous mode on destruction.
class SavedMode::Scope {
 public:
  explicit Scope(const SavedMode& mode);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  c10::AutoGradMode grad_{true};
  SavedMode before_;
};
