#pragma once

#include <cstdint>
#include <vector>

#include "model/weights/parameter.h"

namespace sift {

/// Gives the embedding, and a head of its own, rows for new tokens up to `vocab_size`. Each new row is the
/// mean of the table's rows: the centre of what transformers' resize_token_embeddings(mean_resizing=True)
/// draws from, and the same on every machine.
void resize_embedding(std::vector<Parameter>& parameters, std::int64_t vocab_size);

}  // namespace sift
