#pragma once

#include "text/text_processor.h"

namespace sift {

/// Whether the {% generation %} blocks of the chat template contain the token that ends a turn of the
/// assistant, so that a model trained on them learns to stop. Tried on a turn that another one follows, as
/// TRL's is_chat_template_stop_token_trained does: the last token of its block that is not white space must
/// be an added one. False if the template cannot render that.
bool trains_stop_token(const TextProcessor& text);

}  // namespace sift
