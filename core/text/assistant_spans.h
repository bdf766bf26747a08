#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "text/chat_template.h"

namespace sift {

/// Where the assistant speaks in `whole`, the rendering of `context` without a generation prompt, for a
/// template that has no {% generation %} blocks: from where a generation prompt before the message ends to
/// where the conversation ends that stops after it, in bytes. That is what the assistant would have to write
/// there: its words, and the mark that ends its turn.
///
/// Throws Error when `whole` does not begin with what is rendered of its first messages, as with a template
/// that leaves the thinking out of all turns but the last: then there is no telling, and nothing is guessed.
std::vector<std::pair<std::size_t, std::size_t>> assistant_spans_by_prefixes(
    const ChatTemplate& chat, const nlohmann::ordered_json& context, const std::string& whole,
    std::size_t first_message = 0);

/// Whether a token, the bytes from its first to its second, overlaps one of the spans.
bool is_spoken(const std::vector<std::pair<std::size_t, std::size_t>>& spans,
               const std::pair<std::size_t, std::size_t>& token);

}  // namespace sift
