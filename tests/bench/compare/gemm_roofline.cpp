// Every matrix product of the training steps of a run, at the shapes that they have there, and nothing else:
//
//     build/bin/gemm_roofline RUN.toml
//
// The rows, their order and their batches are those of `sift train RUN.toml`. Prints a line for each step:
// when it began and ended (seconds of the wall clock) and the tokens so far, as the step_times plugin does.
// With a section [lora] they are those of adapters of its rank on all linear layers, without the gradients of
// frozen weights.

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <chrono>
#include <vector>

#include "config/config.h"
#include "data/prepare.h"
#include "data/prepare_row.h"
#include "data/sampler.h"
#include "model/model_config.h"

namespace sift {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Which products of a projection a run needs.
struct Needs {
  bool input_grad = true;
  bool weight_grad = true;
  std::int64_t rank = 0;  ///< of its adapter; 0: it has none
};

/// y = x W^T, dx = dy W and dW = dy^T x of one projection, and the same of the two matrices of an adapter.
/// Buffers are made once: the limit pays for no memory.
class Projection {
 public:
  Projection(std::int64_t in, std::int64_t out, std::int64_t max_rows, const Needs& needs)
      : needs_(needs),
        weight_(at::randn({out, in})),
        x_(at::randn({max_rows, in})),
        y_(at::randn({max_rows, out})),
        dx_(at::empty({max_rows, in})) {
    if (needs.weight_grad) grad_ = at::empty({out, in});
    if (needs.rank == 0) return;
    const Needs part{true, true, 0};
    adapter_.emplace_back(in, needs.rank, max_rows, part);
    adapter_.emplace_back(needs.rank, out, max_rows, part);
    adapter_.front().needs_.input_grad = needs.input_grad;
  }

  void run(std::int64_t rows) {
    const at::Tensor x = x_.narrow(0, 0, rows), y = y_.narrow(0, 0, rows);
    at::Tensor dx = dx_.narrow(0, 0, rows), out = y_.narrow(0, 0, rows);
    at::mm_out(out, x, weight_.t());
    if (needs_.input_grad) at::mm_out(dx, y, weight_);
    if (needs_.weight_grad) at::mm_out(grad_, y.t(), x);
    for (Projection& part : adapter_) part.run(rows);
  }

 private:
  Needs needs_;
  at::Tensor weight_, grad_, x_, y_, dx_;
  std::vector<Projection> adapter_;  ///< A and B, or none
};

/// The products of attention over one document: two forward, four backward, each over half of the square.
void attend(const ModelConfig& model, std::int64_t length) {
  const std::int64_t seen = (length + 1) / 2, heads = model.num_attention_heads, size = model.head_dim;
  const at::Tensor q = at::empty({heads, length, size}), k = at::empty({heads, seen, size});
  const at::Tensor scores = at::empty({heads, length, seen});
  for (int i = 0; i < 2; ++i) {
    at::bmm(q, k.transpose(1, 2));
    at::bmm(scores, k);
    at::bmm(scores.transpose(1, 2), q);
  }
}

class Layers {
 public:
  /// `rank` is that of an adapter on every projection but the routed ones, whose weights are then frozen.
  Layers(const ModelConfig& model, std::int64_t max_rows, std::int64_t rank) : model_(model) {
    const std::int64_t q = model.num_attention_heads * model.head_dim;
    const std::int64_t kv = model.num_key_value_heads * model.head_dim;
    for (std::int64_t layer = 0; layer < model.num_hidden_layers; ++layer) {
      const Needs needs{true, rank == 0, rank};
      // nothing trained lies before the first layer of a model with adapters
      const Needs first{rank == 0 || layer > 0, rank == 0, rank};
      for (const std::int64_t out : {q, kv, kv}) dense_.emplace_back(model.hidden_size, out, max_rows, first);
      dense_.emplace_back(q, model.hidden_size, max_rows, needs);
      const bool routed = model.has_experts(layer);
      const std::int64_t experts = routed ? model.experts.num_experts : 1;
      const std::int64_t inner = routed ? model.experts.intermediate_size : model.intermediate_size;
      auto& group = routed ? experts_ : dense_;
      for (std::int64_t i = 0; i < experts; ++i) {
        const Needs inner_needs{true, rank == 0, routed ? 0 : rank};
        for (int part = 0; part < 2; ++part)
          group.emplace_back(model.hidden_size, inner, max_rows, inner_needs);
        group.emplace_back(inner, model.hidden_size, max_rows, inner_needs);
      }
    }
  }

  void run(const std::vector<std::int64_t>& lengths, std::int64_t tokens) {
    for (Projection& projection : dense_) projection.run(tokens);
    // as many tokens for each expert as when all have equally many
    if (!experts_.empty()) {
      const std::int64_t rows = tokens * model_.experts.num_experts_per_tok / model_.experts.num_experts;
      for (Projection& projection : experts_) projection.run(rows);
    }
    for (std::int64_t layer = 0; layer < model_.num_hidden_layers; ++layer) {
      for (const std::int64_t length : lengths) attend(model_, length);
    }
  }

 private:
  const ModelConfig& model_;
  std::vector<Projection> dense_, experts_;
};

void run(const std::string& file) {
  PluginHost host;
  const Config config = load_config(file, {}, host);
  const TextProcessor text = text_processor(config.model.path, config.data);
  const ModelConfig model = ModelConfig::from_folder(config.model.path);
  const TokenDataset data = prepare_data(config.data.train, config.data, text, model.vocab_size,
                                         Arrangement::of_train(config.data, config.train.seed))
                                .dataset;
  const auto order = epoch_order(data.num_rows(), config.train.seed, 0);
  const std::int64_t batch_size = config.train.per_device_train_batch_size;

  std::vector<std::vector<std::int64_t>> steps(static_cast<std::size_t>(config.train.max_steps));
  std::int64_t max_tokens = 0, sum = 0;
  for (std::size_t step = 0; step < steps.size(); ++step) {
    std::int64_t tokens = 0;
    for (const std::int64_t row : batch_rows(order, static_cast<std::int64_t>(step), batch_size)) {
      for (const Document& document : data.documents(row)) {
        steps[step].push_back(static_cast<std::int64_t>(document.input_ids.size()));
        tokens += steps[step].back();
      }
    }
    max_tokens = std::max(max_tokens, tokens);
  }

  const std::int64_t rank = config.lora ? config.lora->r : 0;
  Layers layers(model, max_tokens, rank);
  Projection head(model.hidden_size, model.vocab_size, max_tokens, {true, rank == 0, 0});
  for (const std::vector<std::int64_t>& lengths : steps) {
    std::int64_t tokens = 0;
    for (const std::int64_t length : lengths) tokens += length;
    const double begin = now();
    layers.run(lengths, tokens);
    head.run(tokens -
             static_cast<std::int64_t>(lengths.size()));  // the last token of a document has no target
    fmt::print("{:.6f} {:.6f} {}\n", begin, now(), sum += tokens);
  }
}

}  // namespace
}  // namespace sift

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: gemm_roofline RUN.toml\n");
    return 2;
  }
  const at::NoGradGuard no_grad;
  sift::run(argv[1]);
}
