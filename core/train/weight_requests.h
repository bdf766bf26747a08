#pragma once

#include "parallel/parallel.h"

namespace sift {

/// Only the callbacks of the main process run. Where weights are not in memory all the time, the other
/// processes wait meanwhile, to give their part of those that a callback reads.
class WeightRequests {
 public:
  explicit WeightRequests(Parallel& parallel) : parallel_(parallel) {}

  /// In a callback: all weights are in memory on return.
  void ask() const;
  /// On all processes, after the callbacks of an event.
  void finish_event() const;

 private:
  Parallel& parallel_;
};

}  // namespace sift
