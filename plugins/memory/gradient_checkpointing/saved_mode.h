#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/GradMode.h>

#include <vector>

/// What a computation depends on besides its inputs: the random generators and autocast. Taken when it runs
/// first, so that it can run again later and compute the same.
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

/// Puts a mode in place while it lives, with autograd on, and then puts back what was there.
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
