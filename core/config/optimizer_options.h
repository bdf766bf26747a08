#pragma once

#include <string>

#include "config/component_catalog.h"
#include "config/configured_components.h"
#include "formats/diagnostics.h"
#include "formats/toml_document.h"

namespace sift {

/// The optimizer that `optim` of [train] names, with the options of `args`, the table optim_args (nullptr:
/// not written). `place`: of optim.
ConfiguredComponent read_optimizer(const std::string& optim, const TomlTable* args, const Place& place,
                                   const ComponentCatalog& catalog, Diagnostics& diagnostics);

}  // namespace sift
