#pragma once

#include <cstdint>

namespace sift {

/// The processes that train together. Everything the loop needs from the others goes through here.
class World {
 public:
  virtual ~World() = default;
  virtual std::int64_t rank() const = 0;
  virtual std::int64_t size() const = 0;
  /// Adds up `value` over all processes.
  virtual std::int64_t all_reduce_sum(std::int64_t value) = 0;
};

/// One process.
class SingleProcess final : public World {
 public:
  std::int64_t rank() const override { return 0; }
  std::int64_t size() const override { return 1; }
  std::int64_t all_reduce_sum(std::int64_t value) override { return value; }
};

}  // namespace sift
