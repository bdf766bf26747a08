#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "model/weights/parameter.h"

namespace sift {

/// The processes of a run. All communication of the training loop goes through here; every process makes the
/// same calls in the same order.
class Parallel {
 public:
  virtual ~Parallel() = default;
  virtual std::int64_t rank() const = 0;
  virtual std::int64_t size() const = 0;
  /// The sum of `value` over all processes.
  virtual std::int64_t sum(std::int64_t value) = 0;
  /// Replaces the gradients by their sums over all processes. Called once an update, after its last backward
  /// pass.
  virtual void reduce_gradients(const std::vector<Parameter>& parameters) = 0;
  /// The norm of all gradients, see optim/gradients.h, where no process need hold all of them. 0-d.
  virtual at::Tensor grad_norm(const std::vector<Parameter>& parameters) = 0;
};

/// A run with a single process.
class SingleProcess final : public Parallel {
 public:
  std::int64_t rank() const override { return 0; }
  std::int64_t size() const override { return 1; }
  std::int64_t sum(std::int64_t value) override { return value; }
  void reduce_gradients(const std::vector<Parameter>&) override {}
  at::Tensor grad_norm(const std::vector<Parameter>& parameters) override;
};

}  // namespace sift
