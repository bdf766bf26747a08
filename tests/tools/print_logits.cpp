// print_logits MODEL_DIR OUT < IDS: writes the float32 logits [N, V] of the token ids on stdin, as raw bytes,
// to OUT.

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <vector>

#include <sift/loss.h>
#include "data/collate.h"
#include "model/decoder/decoder.h"
#include "model/lora/adapter_config.h"
#include "model/lora/load_adapted.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: print_logits MODEL_DIR OUT < IDS\n");
    return 2;
  }
  try {
    std::vector<std::int32_t> ids;
    for (std::int32_t id = 0; std::cin >> id;) ids.push_back(id);
    const at::NoGradGuard no_grad;
    const auto model = sift::load_adapted(argv[1], sift::ModelConfig::from_folder(sift::base_of(argv[1])),
                                          at::kFloat, at::kCPU);
    sift::TokenDataset data;
    data.add_row(ids, ids);
    sift::Batch batch = sift::collate(data, std::vector<std::int64_t>{0}, at::kCPU);
    batch.scored_m =
        at::arange(static_cast<std::int64_t>(ids.size()), at::kLong);  // all positions, the last one too
    const sift::LmHead head = model.head();
    const sift::LossInput input{batch, model.forward(batch), head, 1, {}};
    const at::Tensor logits_mv = input.logits_mv().contiguous();
    std::ofstream(argv[2], std::ios::binary)
        .write(static_cast<const char*>(logits_mv.const_data_ptr()),
               static_cast<std::streamsize>(logits_mv.nbytes()));
  } catch (const std::exception& error) {
    fmt::print(stderr, "print_logits: {}\n", error.what());
    return 1;
  }
  return 0;
}
