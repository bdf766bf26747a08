#pragma once

#include <cstddef>
#include <cstdint>

namespace sift::jinja {

/// While one lives, what its thread does is counted: comparisons, items and characters gone over. Steps alone
/// do not make a rendering end in time, because one of them can go over everything there is, and a value of a
/// few lists that hold each other twice has more ends than could ever be compared.
class WorkLimit {
 public:
  WorkLimit();
  ~WorkLimit();
  WorkLimit(const WorkLimit&) = delete;
  WorkLimit& operator=(const WorkLimit&) = delete;

 private:
  std::int64_t* outer_;
  std::int64_t left_;
};

/// Counts `units`, each a few nanoseconds; a Fault when it is too much. Free where no WorkLimit lives.
void spend(std::size_t units);

}  // namespace sift::jinja
