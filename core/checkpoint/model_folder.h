#pragma once

#include <filesystem>

#include "config/config.h"
#include "model/decoder/decoder.h"
#include "text/text_processor.h"

namespace sift {

/// Writes all files transformers needs to load the model from `folder`: weights and config.json,
/// generation_config.json, tokenizer files and chat template. Generation stops at the eos token used in
/// training.
void write_model_folder(const Decoder& model, const Config& config, const TextProcessor& text,
                        const std::filesystem::path& folder);

}  // namespace sift
