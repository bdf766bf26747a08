#include "text/tokenizer/regex.h"

#include "base/utf8.h"
#include "text/tokenizer/regex_syntax.h"

namespace sift::text {

Regex::Regex(std::string_view pattern, const std::string& where) {
  const PcreForms forms = to_pcre_syntax(pattern, where);
  disputed_ = forms.disputed;
  for (const CodePointRange& range : disputed_.ranges()) {
    for (char32_t page = range.first >> 8U; page <= range.last >> 8U; ++page) disputed_pages_.set(page);
  }
  if (forms.pcre_suffices) by_pcre_.emplace(forms.by_pcre, pattern, where);
  if (!by_pcre_ || !disputed_.empty()) by_table_.emplace(forms.by_table, pattern, where);
}

const PcreCode& Regex::form_for(std::string_view text) const {
  return by_pcre_ && (disputed_.empty() || !has_disputed(text)) ? *by_pcre_ : *by_table_;
}

bool Regex::has_disputed(std::string_view text) const {
  for (std::size_t pos = 0; pos < text.size();) {
    if (static_cast<unsigned char>(text[pos]) < 0x80 && !disputed_pages_.test(0)) {
      ++pos;
      continue;
    }
    const char32_t c = next_code_point(text, pos);
    if (disputed_pages_.test(c >> 8U) && disputed_.contains(c)) return true;
  }
  return false;
}

}  // namespace sift::text
