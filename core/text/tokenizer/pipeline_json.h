#pragma once

#include "formats/json_fields.h"
#include "text/tokenizer/decoder.h"
#include "text/tokenizer/normalizer.h"
#include "text/tokenizer/post_processor.h"
#include "text/tokenizer/pre_tokenizer.h"

namespace sift::text {

/// The components of a tokenizer.json around the model, each from its own JSON value. All throw sift::Error
/// naming the file, the place in it and, for a component that is not supported, those that are.
Normalizer read_normalizer(const SortedJsonFields& node);
PreTokenizer read_pre_tokenizer(const SortedJsonFields& node);
PostProcessor read_post_processor(const SortedJsonFields& node);
Decoder read_decoder(const SortedJsonFields& node);

}  // namespace sift::text
