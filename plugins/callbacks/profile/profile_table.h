#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

/// Where the time of some steps went, by the name of the work.
class ProfileTable {
 public:
  enum class Kind {
    kKernel,   ///< work of a GPU: kernels, copies, fills
    kCall,     ///< calls of CUDA's runtime, waiting included
    kOperator  ///< operators on the host, with all that they call
  };

  /// One occurrence.
  void add(Kind kind, const std::string& name, std::uint64_t nanoseconds);

  /// A section for each kind that occurred, the longest first, each line for an average step.
  std::string to_string(std::int64_t num_steps) const;

 private:
  struct Row {
    std::int64_t calls = 0;
    std::uint64_t nanoseconds = 0;
  };
  std::map<std::pair<Kind, std::string>, Row> rows_;
};
