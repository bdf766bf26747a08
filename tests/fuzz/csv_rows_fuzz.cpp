#include <nlohmann/json.hpp>

#include "data/parquet_module.h"
#include "data/row_source.h"
#include "fuzz/fuzz_target.h"

// The input is a file of values, its rows read with commas and with tabs between them.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sift;
  if (!std::filesystem::exists(parquet_module())) return 0;  // a build without Arrow
  for (const char* name : {"rows.csv", "rows.tsv"}) {
    const auto file = fuzz::scratch_file(name, fuzz::as_text(data, size));
    fuzz::expect_no_fault([&] {
      const auto source = open_rows(file, {"prompt", "completion", "text"});
      for (auto block = source->next(); !block.empty(); block = source->next()) {
        for (const JsonLine& row : block) {
          if (!nlohmann::json::accept(row.text)) __builtin_trap();
        }
      }
    });
  }
  return 0;
}
