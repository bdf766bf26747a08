#pragma once

#include <ATen/core/ScalarType.h>

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "formats/json_fields.h"
#include "ops/quantized_weight.h"

namespace sift {

/// That the linear layers of a model, but for the head, are in bitsandbytes' 4 bits.
struct Quantization {
  QuantizedWeight::Kind kind =
      QuantizedWeight::Kind::kNf4;            ///< of weights that are quantised while they are read
  bool nested = false;                        ///< double quantisation, of the same
  at::ScalarType compute_dtype = at::kFloat;  ///< of the products with the weights
  /// Whether weights that files store unquantised are quantised; if not, the folder is one that bitsandbytes
  /// saved, which may keep some layers as they were.
  bool while_reading = false;
  /// Modules that are not quantised while they are read; see SkippedModules.
  std::vector<std::string> skip_modules = {};

  /// Reads the quantization_config of a config.json. Throws Error for anything but bitsandbytes' 4 bits.
  static Quantization from_json(const JsonFields& fields);
  /// As transformers writes it.
  nlohmann::ordered_json to_json() const;
};

}  // namespace sift
