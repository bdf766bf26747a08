#pragma once

#include "config/configured_components.h"
#include "config/sections.h"
#include "formats/diagnostics.h"

namespace sift {

/// Gives label_smoothing_factor of [train], set at `place`, to the loss as its option label_smoothing. A loss
/// without that option does not use it, as in TRL, which is a warning. Two different values are an error.
void apply_label_smoothing(const TrainOptions& train, const Place& place, ConfiguredComponent& loss,
                           Diagnostics& diagnostics);

}  // namespace sift
