#pragma once

#include "text/tokenizer/aligned_text.h"

namespace sift::text {

enum class UnicodeForm { kNfc, kNfd, kNfkc, kNfkd };

/// Brings `text` into a Unicode normalisation form. Text already in that form is left untouched.
void normalize_unicode(AlignedText& text, UnicodeForm form);

}  // namespace sift::text
