#pragma once

#include <string>
#include <string_view>

namespace sift::text {

/// A pattern in Oniguruma's (Ruby) syntax, which tokenizer.json uses, rewritten for PCRE2 with UTF, UCP and
/// MULTILINE. Only what the two read differently is changed: \s \w \h \u, script names, `{n,m}+`, `{,n}`,
/// `{n}?` and the flag `m`. Throws sift::Error, starting with `where`, for nested classes and intersections,
/// which PCRE2 does not have.
std::string to_pcre_syntax(std::string_view pattern, const std::string& where);

}  // namespace sift::text
