#pragma once

#include <cstdint>

namespace sift {

/// The processes of a distributed run. All communication of the training loop goes through here.
class Parallel {
 public:
  virtual ~Parallel() = default;
  virtual std::int64_t rank() const = 0;
  virtual std::int64_t size() const = 0;
  /// The sum of `value` over all processes.
  virtual std::int64_t sum(std::int64_t value) = 0;
};

/// A run with a single process.
class SingleProcess final : public Parallel {
 public:
  std::int64_t rank() const override { return 0; }
  std::int64_t size() const override { return 1; }
  std::int64_t sum(std::int64_t value) override { return value; }
};

}  // namespace sift
