#pragma once

#include <string>
#include <vector>

#include <sift/export.h>
#include <sift/tensors.h>

namespace sift {

/// Saves and restores the state of a component, so that a resumed run continues as if it had never stopped.
/// `state()` is called when a checkpoint is written; `load_state()` gets the same bytes before the first step
/// of a resumed run and throws sift::Error if it cannot read them. Tensors, which would be large as bytes,
/// are saved by the second pair in the same way. Stateless components override nothing.
class SIFT_API Stateful {
 public:
  virtual ~Stateful();
  virtual std::string state() const { return {}; }
  virtual void load_state(const std::string& /*bytes*/) {}
  /// The tensors may be shared with the component; they are copied before it runs again, and saved by name.
  virtual std::vector<NamedTensor> state_tensors() const { return {}; }
  /// The saved tensors, in host memory, in any order.
  virtual void load_state_tensors(const std::vector<NamedTensor>& /*tensors*/) {}
};

}  // namespace sift
