#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "config/component_catalog.h"
#include "config/configured_components.h"
#include "config/sections.h"
#include "formats/diagnostics.h"
#include "formats/toml_document.h"

namespace sift {

/// What [train] asks for, and where it is written.
struct TrainRequests {
  const TrainOptions& options;
  const TomlTable* table;               ///< [train] as it is written; may be nullptr
  const std::set<std::string>& faulty;  ///< its options that were reported already
  const TomlTable& root;                ///< the whole configuration, with every component section
  std::function<Place(const std::string&)> place_of;  ///< the place of an option
};

/// Adds the callbacks that report_to names and `callbacks` lacks.
void add_reporters(const TrainRequests& train, const ComponentCatalog& catalog,
                   std::vector<ConfiguredComponent>& callbacks, Diagnostics& diagnostics);

/// Adds the strategies that gradient_checkpointing and activation_offloading ask for and `memory` lacks.
/// gradient_checkpointing_kwargs are options of the first.
void add_memory_strategies(const TrainRequests& train, const ComponentCatalog& catalog,
                           std::vector<ConfiguredComponent>& memory, Diagnostics& diagnostics);

}  // namespace sift
