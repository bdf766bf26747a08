#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
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
  /// The process that writes the log and the files.
  bool is_main() const { return rank() == 0; }
  bool is_alone() const { return size() == 1; }
  /// Of the processes of a host one does what they share, as preparing data.
  virtual bool is_first_of_host() const { return true; }

  /// The values [N] of all processes by rank, [size, N], on the device of `values_n`.
  virtual at::Tensor gathered(const at::Tensor& values_n) = 0;
  /// The texts of all processes by rank.
  virtual std::vector<std::string> gathered(const std::string& text) = 0;
  /// The text of the main process.
  virtual std::string of_main(const std::string& text) = 0;
  virtual void barrier() = 0;
  /// The step that errors name, from 1.
  virtual void set_step(std::int64_t step) = 0;

  /// To be called before the last backward pass of an update, during which gradients may be reduced as soon
  /// as they are ready. A process without a backward pass leaves it out.
  virtual void begin_last_backward(const std::vector<Parameter>& trainable) = 0;
  /// Replaces the gradients by their sums over all processes. A parameter that has no gradient on any process
  /// keeps none. Called once an update, after its last backward pass.
  virtual void reduce_gradients(const std::vector<Parameter>& trainable) = 0;
  /// The norm of all gradients, see optim/gradients.h, where no process need hold all of them. 0-d.
  virtual at::Tensor grad_norm(const std::vector<Parameter>& trainable) = 0;
};

/// A run with a single process.
class SingleProcess final : public Parallel {
 public:
  std::int64_t rank() const override { return 0; }
  std::int64_t size() const override { return 1; }
  at::Tensor gathered(const at::Tensor& values_n) override { return values_n.unsqueeze(0); }
  std::vector<std::string> gathered(const std::string& text) override { return {text}; }
  std::string of_main(const std::string& text) override { return text; }
  void barrier() override {}
  void set_step(std::int64_t) override {}
  void begin_last_backward(const std::vector<Parameter>&) override {}
  void reduce_gradients(const std::vector<Parameter>&) override {}
  at::Tensor grad_norm(const std::vector<Parameter>& trainable) override;
};

}  // namespace sift
