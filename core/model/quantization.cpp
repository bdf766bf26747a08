#include "model/quantization.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

namespace sift {
namespace {

constexpr const char* kAdvice =
    "Sift reads only bitsandbytes' 4 bits; use the unquantised version of this model, with load_in_4bit = true in "
    "[model] to quantise it while it is read";

}  // namespace

Quantization Quantization::from_json(const JsonFields& fields) {
  const std::string method = fields.text_or("quant_method", "bitsandbytes");
  if (method != "bitsandbytes")
    fields.fail(fmt::format("the weights are quantised with '{}'; {}", method, kAdvice));
  if (!fields.flag_or("load_in_4bit", false))
    fields.fail(fmt::format("the weights are not in 4 bits; {}", kAdvice));
  Quantization out;
  const std::string kind = fields.text_or("bnb_4bit_quant_type", "fp4");
  if (kind != "nf4" && kind != "fp4") fields.fail("bnb_4bit_quant_type", "expected \"nf4\" or \"fp4\"");
  out.kind = kind == "nf4" ? QuantizedWeight::Kind::kNf4 : QuantizedWeight::Kind::kFp4;
  out.nested = fields.flag_or("bnb_4bit_use_double_quant", false);
  const std::string dtype = fields.text_or("bnb_4bit_compute_dtype", "float32");
  if (dtype != "float32" && dtype != "bfloat16" && dtype != "float16")
    fields.fail("bnb_4bit_compute_dtype", "expected \"float32\", \"bfloat16\" or \"float16\"");
  if (const auto skipped = fields.find("llm_int8_skip_modules")) {
    for (const JsonFields& name : skipped->elements()) out.skip_modules.push_back(name.text());
  }
  // the range of float16 is too small for training
  out.compute_dtype = dtype == "bfloat16" ? at::kBFloat16 : at::kFloat;
  return out;
}

nlohmann::ordered_json Quantization::to_json() const {
  nlohmann::ordered_json json;
  json["_load_in_4bit"] = true;
  json["_load_in_8bit"] = false;
  json["bnb_4bit_compute_dtype"] = compute_dtype == at::kBFloat16 ? "bfloat16" : "float32";
  json["bnb_4bit_quant_storage"] = "uint8";
  json["bnb_4bit_quant_type"] = kind == QuantizedWeight::Kind::kNf4 ? "nf4" : "fp4";
  json["bnb_4bit_use_double_quant"] = nested;
  json["llm_int8_enable_fp32_cpu_offload"] = false;
  json["llm_int8_has_fp16_weight"] = false;
  if (skip_modules.empty()) {
    json["llm_int8_skip_modules"] = nullptr;
  } else {
    json["llm_int8_skip_modules"] = skip_modules;
  }
  json["llm_int8_threshold"] = 6.0;
  json["load_in_4bit"] = true;
  json["load_in_8bit"] = false;
  json["quant_method"] = "bitsandbytes";
  return json;
}

}  // namespace sift
