#pragma once

#include <string>

#include "model/model_config.h"
#include "text/text_processor.h"

namespace sift {

/// Makes a model's vocabulary fit its tokenizer. A token that files beside tokenizer.json add needs a row in
/// the embedding: with `resize`, config.vocab_size grows to the last token of the tokenizer, and the weights
/// are to be resized when they are loaded; without it, Error names the tokens. Nothing ever shrinks.
void fit_vocabulary(ModelConfig& config, const TextProcessor& text, bool resize);

}  // namespace sift
