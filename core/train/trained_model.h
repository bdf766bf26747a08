#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <sift/callback.h>
#include "checkpoint/model_folder.h"
#include "model/decoder/decoder.h"
#include "text/text_processor.h"

namespace sift {

/// The model of a run for its callbacks.
class TrainedModel final : public RunModel {
 public:
  /// The references belong to the run and outlive this. `load_weights` is called before they are read.
  TrainedModel(
      const Decoder& model, const TextProcessor& text, const ModelFolderSource& source,
      std::function<void()> load_weights = [] {});

  const std::vector<NamedTensor>& parameters() const override;
  std::string generate(const GenerationRequest& request) const override;
  void save(const std::filesystem::path& folder, const std::vector<NamedTensor>& replacements) const override;

 private:
  const Decoder& model_;
  const TextProcessor& text_;
  const ModelFolderSource& source_;
  std::function<void()> load_weights_;
  std::vector<NamedTensor> parameters_;
  std::vector<std::int64_t> stop_ids_;
};

}  // namespace sift
