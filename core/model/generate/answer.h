#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <sift/callback.h>
#include "model/decoder/decoder.h"
#include "text/text_processor.h"

namespace sift {

/// The tokens that end an answer: those of the model's configuration, of generation_config.json in `folder`,
/// and the tokenizer's eos.
std::vector<std::int64_t> stop_ids(const std::filesystem::path& folder, const Decoder& model,
                                   const TextProcessor& text);

/// The greedy answer to a request, without special tokens. `on_text`, if set, gets the text piece by piece.
/// Throws Error if the prompt is empty.
std::string answer(const Decoder& model, const TextProcessor& text, const GenerationRequest& request,
                   const std::vector<std::int64_t>& stop_ids,
                   const std::function<void(std::string_view)>& on_text = {});

}  // namespace sift
