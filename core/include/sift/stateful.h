#pragma once

#include <string>

#include <sift/export.h>

namespace sift {

/// Saves and restores the state of a component, so that a resumed run continues as if it had never stopped.
/// `state()` is called when a checkpoint is written; `load_state()` gets the same bytes before the first step
/// of a resumed run and throws sift::Error if it cannot read them. Stateless components override neither.
class SIFT_API Stateful {
 public:
  virtual ~Stateful();
  virtual std::string state() const { return {}; }
  virtual void load_state(const std::string& /*bytes*/) {}
};

}  // namespace sift
