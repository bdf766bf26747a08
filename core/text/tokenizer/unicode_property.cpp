#include "text/tokenizer/unicode_property.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/unicode.h"
#include "base/unicode_data.h"
#include "base/utf8.h"
#include "text/tokenizer/pcre.h"

namespace sift::text {
namespace {

using unicode::Categories;

// What is left of a name when all that does not matter is gone.
std::string bare(std::string_view name) {
  std::string letters;
  for (const char c : name) {
    if (c != ' ' && c != '-' && c != '_') {
      letters += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return letters;
}

CodePointSet with(Categories implied, std::span<const CodePointRange> others) {
  CodePointSet set = unicode::code_points_of(implied);
  set.add(CodePointSet({others.begin(), others.end()}));
  return set;
}

std::optional<UnicodeProperty> binary_property(const std::string& name) {
  using unicode::Category;
  constexpr Categories kAlphabetic = unicode::kLetters | unicode::categories({Category::Nl});
  if (name == "any") return UnicodeProperty{"Any", CodePointSet({{0, kLastCodePoint}})};
  if (name == "alphabetic")
    return UnicodeProperty{"Alphabetic", with(kAlphabetic, unicode::kOtherAlphabetic)};
  if (name == "lowercase") {
    return UnicodeProperty{"Lowercase", with(unicode::categories({Category::Ll}), unicode::kOtherLowercase)};
  }
  if (name == "uppercase") {
    return UnicodeProperty{"Uppercase", with(unicode::categories({Category::Lu}), unicode::kOtherUppercase)};
  }
  if (name == "whitespace") {
    static constexpr CodePointRange kControls[] = {{0x09, 0x0D}, {0x85, 0x85}};
    return UnicodeProperty{"White_Space", with(unicode::kSeparators, kControls)};
  }
  if (name == "emoji") return UnicodeProperty{"Emoji", with(0, unicode::kEmoji)};
  if (name == "extendedpictographic") {
    return UnicodeProperty{"Extended_Pictographic", with(0, unicode::kExtendedPictographic)};
  }
  return std::nullopt;
}

std::optional<UnicodeProperty> category_property(std::string name) {
  if (name.empty()) return std::nullopt;
  name = name == "lc" ? "LC" : std::string(1, static_cast<char>(std::toupper(name[0]))) + name.substr(1);
  const Categories set = unicode::categories_named(name);
  if (set == 0) return std::nullopt;
  return UnicodeProperty{name, unicode::code_points_of(set)};
}

std::optional<UnicodeProperty> script_property(const std::string& name) {
  for (const unicode::ScriptName& script : unicode::kScriptNames) {
    if (bare(script.name) != name && bare(script.code) != name) continue;
    // PCRE2 reads a script without "sc:" as Script_Extensions.
    return UnicodeProperty{"sc:" + std::string(script.name), unicode::code_points_of_script(script.code)};
  }
  return std::nullopt;
}

std::optional<UnicodeProperty> make_property(const std::string& name) {
  std::optional<UnicodeProperty> property = category_property(name);
  if (!property) property = binary_property(name);
  if (!property) property = script_property(name);
  if (!property) return property;
  const std::optional<CodePointSet> by_pcre = pcre_members(property->pcre_name);
  property->pcre_has_it = by_pcre.has_value();
  if (!by_pcre) return property;
  // No text has surrogates, so PCRE2 was not asked about them.
  CodePointSet with_surrogates = *by_pcre;
  if (property->members.contains(kFirstSurrogate)) {
    with_surrogates.add(CodePointSet({{kFirstSurrogate, kLastSurrogate}}));
  }
  property->disputed = property->members.difference(with_surrogates);
  return property;
}

}  // namespace

const UnicodeProperty* find_unicode_property(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string, std::optional<UnicodeProperty>, std::less<>> known;
  const std::string key = bare(name);
  const std::scoped_lock lock(mutex);
  auto found = known.find(key);
  if (found == known.end()) found = known.emplace(key, make_property(key)).first;
  return found->second ? &*found->second : nullptr;
}

}  // namespace sift::text
