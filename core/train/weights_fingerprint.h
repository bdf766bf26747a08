#pragma once

#include <string>

#include "model/decoder/decoder.h"

namespace sift {

/// A hash of the names, shapes and types of all parameters and of values sampled from each, the same places
/// of every model of this shape. It finds that another file was read, not every changed value.
std::string weights_fingerprint(const Decoder& model);

}  // namespace sift
