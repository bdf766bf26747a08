#include "model/weights/skipped_modules.h"

#include <fmt/format.h>

#include <algorithm>

#include <sift/error.h>
#include "base/did_you_mean.h"
#include "model/weights/parameter.h"
#include "model/weights/parameter_path.h"

namespace sift {
namespace {

constexpr const char* kOption = "llm_int8_skip_modules in [model]";

}  // namespace

SkippedModules::SkippedModules(const std::vector<std::string>& names) : names_(names) {
  for (const std::string& name : names)
    beginnings_.emplace_back("\\A(?:" + name + ")(?:(?<=\\.)|(?=\\.|\\z))", name, kOption);
}

bool SkippedModules::contains(const std::string& module) const {
  const auto ends_module = [&](const std::string& name) { return module.ends_with(name); };
  text::RegexScratch scratch;
  text::PcreCode::Match match{};
  const auto begins_module = [&](const text::PcreCode& beginning) {
    return beginning.find(module, 0, scratch, match);
  };
  return std::ranges::any_of(names_, ends_module) || std::ranges::any_of(beginnings_, begins_module);
}

void check_skipped_modules(const std::vector<std::string>& names, const ModelConfig& config) {
  std::vector<std::string> modules = {"lm_head"}, known = modules;
  for (const ParameterSpec& spec : parameter_specs(config)) {
    modules.push_back(module_of(spec.name));
    const std::string shown = without_index(modules.back());
    if (std::ranges::find(known, shown) == known.end()) known.push_back(shown);
  }
  for (const std::string& name : names) {
    const SkippedModules skipped({name});
    if (std::ranges::any_of(modules, [&](const std::string& module) { return skipped.contains(module); }))
      continue;
    throw Error(fmt::format("{}: '{}' matches no module with weights{}", kOption, name,
                            candidates_text(name, known, "modules of this model")));
  }
}

}  // namespace sift
