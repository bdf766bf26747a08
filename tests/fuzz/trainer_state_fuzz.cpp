#include "checkpoint/trainer_state.h"
#include "checkpoint/trl_checkpoint.h"
#include "fuzz/fuzz_target.h"

// The input is the trainer_state.json of a checkpoint, of Sift's or of transformers'.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sift;
  const auto file = fuzz::scratch_file("trainer_state.json", fuzz::as_text(data, size));
  return fuzz::expect_no_fault([&] {
    Progress progress;
    progress.state = read_trainer_state(file.parent_path());
    adopt_trl_progress(file.parent_path(), progress);
  });
}
