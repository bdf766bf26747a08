#pragma once

#include "text/tokenizer/decoder.h"
#include "text/tokenizer/json_node.h"
#include "text/tokenizer/normalizer.h"
#include "text/tokenizer/post_processor.h"
#include "text/tokenizer/pre_tokenizer.h"

namespace sift::text {

/// The components of a tokenizer.json around the model, each from its own JSON value. All throw sift::Error
/// naming the file, the place in it and, for a component that is not supported, those that are.
Normalizer read_normalizer(const JsonNode& node);
PreTokenizer read_pre_tokenizer(const JsonNode& node);
PostProcessor read_post_processor(const JsonNode& node);
Decoder read_decoder(const JsonNode& node);

}  // namespace sift::text
