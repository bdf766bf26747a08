#pragma once

#include <map>
#include <string>

#include "model/weights/parameter.h"

namespace sift {

/// A hash of the names, shapes and types of all parameters of a model and of values sampled from each, the
/// same places of every model of this shape. It finds that another file was read, not every changed value.
class WeightsFingerprint {
 public:
  /// The parameter has its values. Again has no effect.
  void add(const Parameter& parameter);
  std::string text() const;

 private:
  std::map<std::string, std::string> samples_;  ///< by the name of the parameter
};

}  // namespace sift
