#pragma once

#include <string>

#include "text/tokenizer/pcre.h"

namespace sift {

/// A regular expression of [lora] over paths of modules.
class PathPattern {
 public:
  /// `option` names it in errors. Throws Error for an invalid expression.
  static PathPattern whole(const std::string& regex, const std::string& option);
  /// Matches a path, or what follows a dot in it up to its end.
  static PathPattern end(const std::string& regex, const std::string& option);
  /// Matches a path, or whole names of it anywhere.
  static PathPattern part(const std::string& regex, const std::string& option);

  bool matches(const std::string& path) const;

 private:
  PathPattern(const std::string& anchored, const std::string& regex, const std::string& option);

  text::PcreCode code_;
};

}  // namespace sift
