#include "config/renamed_options.h"

#include <algorithm>

#include "config/renamed/fates.h"
#include "config/sections.h"

namespace sift {

std::string fate_of_option(const std::string& key) {
  // trl sft takes a name with dashes too
  std::string name = key;
  std::ranges::replace(name, '-', '_');
  for (const Fates* fates : {&fates_of_model(), &fates_of_data(), &fates_of_training(), &fates_of_reports(),
                             &fates_of_processes()}) {
    if (const auto found = fates->find(name); found != fates->end()) return found->second;
  }
  return {};
}

std::string section_of_option(const std::string& key) {
  for (const Section& section : sections()) {
    const auto has_key = [&](const OptionSpec& spec) { return spec.key == key; };
    if (std::ranges::any_of(section.specs, has_key)) return section.name;
  }
  return {};
}

std::string advice_for_option(const std::string& key) {
  const std::string home = section_of_option(key);
  return home.empty() ? fate_of_option(key) : "belongs in [" + home + "]";
}

}  // namespace sift
