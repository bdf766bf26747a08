#include "train/forward.h"

#include "train/precision.h"

namespace sift {

LossOutput forward(const Decoder& model, Components& components, const Batch& batch, std::int64_t num_items,
                   bool bf16) {
  const Autocast autocast(batch.input_ids_n.device().type(), bf16);
  const at::Tensor hidden_nh =
      model.forward(batch, [&components](const Layer& layer, const at::Tensor& hidden) {
        return components.run_layer(layer, hidden);
      });
  const LmHead head = model.head();
  return components.compute_loss({batch, hidden_nh, head, num_items, components.needs()});
}

}  // namespace sift
