#include "model/lora/path_pattern.h"

#include "base/did_you_mean.h"

namespace sift {

PathPattern::PathPattern(const std::string& anchored, const std::string& regex, const std::string& option)
    : code_(anchored, regex, option + " in [lora]") {}

PathPattern PathPattern::whole(const std::string& regex, const std::string& option) {
  return {"\\A(?:" + regex + ")\\z", regex, option};
}

PathPattern PathPattern::end(const std::string& regex, const std::string& option) {
  return {"\\A(?:.*\\.)?(?:" + regex + ")\\z", regex, option};
}

PathPattern PathPattern::part(const std::string& regex, const std::string& option) {
  return {"\\A(?:.*\\.)?(?:" + regex + ")(?:\\z|\\..*)", regex, option};
}

bool PathPattern::matches(const std::string& path) const {
  text::RegexScratch scratch;
  text::PcreCode::Match match{};
  return code_.find(path, 0, scratch, match);
}

}  // namespace sift
