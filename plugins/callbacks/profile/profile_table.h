#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

/// The time spent in the recorded steps, by operation.
class ProfileTable {
 public:
  enum class Kind {
    kKernel,   ///< work of a GPU: kernels, copies, fills
    kCall,     ///< CUDA runtime calls, including waits
    kOperator  ///< operators on the host, including the operators they call
  };

  /// Adds one event.
  void add(Kind kind, const std::string& name, std::uint64_t nanoseconds);

  /// One section for each kind that occurred, longest time first; values are averages per step.
  std::string to_string(std::int64_t num_steps) const;

 private:
  struct Row {
    std::int64_t calls = 0;
    std::uint64_t nanoseconds = 0;
  };
  std::map<std::pair<Kind, std::string>, Row> rows_;
};
