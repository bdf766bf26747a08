#pragma once

#include <filesystem>

#include "config/config.h"
#include "model/decoder/decoder.h"
#include "text/text_processor.h"

namespace sift {

/// Writes all that transformers needs to load the model from `folder`: weights and config.json,
/// generation_config.json, tokenizer files and chat template. The eos token that the training used is the one
/// that generation stops at.
void write_model_folder(const Decoder& model, const Config& config, const TextProcessor& text,
                        const std::filesystem::path& folder);

}  // namespace sift
