#pragma once

#include <string>

#include <sift/export.h>

namespace sift {

/// A component that changes while it runs says so here, so that a resumed run goes on as if it had never
/// stopped. `state()` is called when a checkpoint is written, `load_state()` with the same bytes before the
/// first step of a resumed run. A component without state overrides neither.
class SIFT_API Stateful {
 public:
  virtual ~Stateful();
  virtual std::string state() const { return {}; }
  virtual void load_state(const std::string& /*bytes*/) {}
};

}  // namespace sift
