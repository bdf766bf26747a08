#pragma once

#include <sift/options.h>

namespace sift {

/// Numbers from 0 to 1, without 1 itself.
Range below_one();

}  // namespace sift
