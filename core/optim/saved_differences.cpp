#include "optim/saved_differences.h"

#include <fmt/format.h>

#include <sift/log.h>

namespace sift {

void SavedDifferences::compare(const std::string& option, double saved, double now) {
  if (saved != now)
    text_ += fmt::format("{}{} {:.17g} (now {:.17g})", text_.empty() ? "" : ", ", option, saved, now);
}

void SavedDifferences::report(const std::filesystem::path& file) const {
  if (text_.empty()) return;
  log_warning(fmt::format("{}: written with {}; this run uses the values of its own configuration",
                          file.string(), text_));
}

}  // namespace sift
