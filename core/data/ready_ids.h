#pragma once

#include <cstdint>

#include "data/data_options.h"
#include "data/prepared_row.h"
#include "formats/json_fields.h"

namespace sift {

/// A row of token ids: `input_ids` and, if present, `labels`, else `completion_mask` and `assistant_masks`,
/// whose entries are numbers or booleans. As in TRL, the completion_mask counts only with
/// completion_only_loss = true or in a row that also has prompt and completion. Throws Error for anything
/// that is not an id below `vocab_size`, and where the options ask for a mask that is missing.
PreparedRow ready_ids(const JsonFields& row, const DataOptions& options, std::int64_t vocab_size);

}  // namespace sift
