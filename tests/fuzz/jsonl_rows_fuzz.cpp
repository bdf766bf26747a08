#include "data/data_file.h"
#include "data/prepare_row.h"
#include "fuzz/fuzz_target.h"
#include "text/text_processor.h"

// The input is a data file, its rows prepared with three sets of options.

namespace {

void prepare_all(const std::filesystem::path& path) {
  using namespace sift;
  static const TextProcessor text = TextProcessor::from_folder(SIFT_FIXTURES "/parity/models/llama", {});
  for (int variant = 0; variant < 3; ++variant) {
    DataOptions options;
    options.assistant_only_loss = variant == 1;
    if (variant == 2) options.completion_only_loss = false;
    const RowPreparer preparer(text, options, 1024);
    DataFile file(path);
    for (auto block = file.next(); !block.empty(); block = file.next()) {
      for (const JsonLine& row : block) {
        fuzz::expect_no_fault([&] {
          const PreparedRow prepared = preparer.prepare(row.text);
          if (prepared.labels.size() != prepared.input_ids.size()) __builtin_trap();
        });
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sift;
  const auto file = fuzz::scratch_file("rows.jsonl", fuzz::as_text(data, size));
  fuzz::expect_no_fault([&] { prepare_all(file); });
  return 0;
}
