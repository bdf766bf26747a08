#include "train/trained_model.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>

#include <sift/error.h>
#include "model/generate/answer.h"

namespace sift {

TrainedModel::TrainedModel(const Decoder& model, const TextProcessor& text, const ModelFolderSource& source)
    : model_(model), text_(text), source_(source), stop_ids_(stop_ids(source.model, model, text)) {
  for (const Parameter& parameter : model.trainable())
    parameters_.push_back({parameter.name, parameter.tensor.detach()});
}

std::string TrainedModel::generate(const GenerationRequest& request) const {
  const at::NoGradGuard no_grad;
  return answer(model_, text_, request, stop_ids_);
}

void TrainedModel::save(const std::filesystem::path& folder,
                        const std::vector<NamedTensor>& replacements) const {
  const at::NoGradGuard no_grad;
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
