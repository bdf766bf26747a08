#pragma once

#include <optional>
#include <string>

namespace sift {

/// For assistant_only_loss: the chat template `source`, edited so that every turn of the assistant keeps its
/// thinking, or has the empty block that stands for none, and {% generation %} marks what it says. Qwen3's
/// stock template shows the thinking of the last turn only, DeepSeek-R1-Distill's none, so a model would
/// never learn it. TRL trains the two with templates of its own, whose texts and spans are the same
/// (tests/templates/compare_prefix_spans.py). Nothing for a template without just the places that are edited;
/// one that was changed elsewhere is edited too, which TRL refuses.
std::optional<std::string> training_template(const std::string& source);

}  // namespace sift
