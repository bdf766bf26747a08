#pragma once

#include <cstdint>
#include <vector>

#include <sift/tensors.h>

namespace sift {

/// The tokens of process `rank` of a context of `size`, see ContextDivision, as a micro-batch of their own,
/// perhaps of no token. A document may be cut into pieces, each then a document of the part: its tokens keep
/// their positions and targets. The part keeps the rows and the longest document length of the whole.
Batch context_part(const Batch& batch, std::int64_t rank, std::int64_t size);

/// Parts of one micro-batch, one after the other. At least one.
Batch joined(const std::vector<Batch>& parts);

}  // namespace sift
