#include "train/trained_model.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <sift/error.h>
#include "model/generate/answer.h"

namespace sift {

TrainedModel::TrainedModel(const Decoder& model, const TextProcessor& text, const ModelFolderSource& source,
                           std::function<void()> load_weights)
    : model_(model),
      text_(text),
      source_(source),
      load_weights_(std::move(load_weights)),
      stop_ids_(stop_ids(source.model, model, text)) {
  for (const Parameter& parameter : model.trainable())
    parameters_.push_back({parameter.name, parameter.tensor.detach()});
}

const std::vector<NamedTensor>& TrainedModel::parameters() const {
  load_weights_();
  return parameters_;
}

std::string TrainedModel::generate(const GenerationRequest& request) const {
  const at::NoGradGuard no_grad;
  load_weights_();
  return answer(model_, text_, request, stop_ids_);
}

void TrainedModel::save(const std::filesystem::path& folder,
                        const std::vector<NamedTensor>& replacements) const {
  const at::NoGradGuard no_grad;
  load_weights_();
  const Decoder copy = model_.snapshot(/*copies=*/true);
  for (const auto& [name, tensor] : replacements) {
    const auto found = std::ranges::find(copy.parameters(), name, &Parameter::name);
    if (found == copy.parameters().end() || !found->trained || found->tensor.sizes() != tensor.sizes()) {
      throw Error(fmt::format("{}: cannot save '{}' of shape {}; the model has {}", folder.string(), name,
                              fmt::join(tensor.sizes(), "x"),
                              found == copy.parameters().end() || !found->trained
                                  ? "no such trained parameter"
                                  : fmt::format("it with shape {}", fmt::join(found->tensor.sizes(), "x"))));
    }
    found->tensor.copy_(tensor);
  }
  std::filesystem::create_directories(folder);
  write_model_folder(copy, source_, folder);
}

}  // namespace sift
