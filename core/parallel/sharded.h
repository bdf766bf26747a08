#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "parallel/gradient_buckets.h"
#include "parallel/layer_passes.h"
#include "parallel/layer_weights.h"
#include "parallel/process_mesh.h"
#include "parallel/session_processes.h"
#include "parallel/weight_gather.h"

namespace sift {

/// Every process has its own rows, and updates its own slice of each weight (ZeRO, arXiv 1910.02054): the
/// state of the optimizer is divided among the processes of a row of the mesh. With several rows (PyTorch's
/// HSDP), gradients are summed over these, too.
class Sharded final : public SessionProcesses {
 public:
  enum class Stage {
    kOptimizer,   ///< 1: gradients are whole until the last pass of an update
    kGradients,   ///< 2: they are reduced in each pass, so that a process keeps those of its slices
    kParameters,  ///< 3: so are they, and a process keeps its slices of the weights
  };
  /// `session` outlives it. `num_replicas`: rows of the mesh; divides the number of processes.
  Sharded(ParallelSession& session, const GradientBuckets::Options& options, Stage stage,
          std::int64_t num_replicas = 1);

  void adopt(const Parameter& parameter) override;
  void start(const std::vector<Parameter>& parameters) override;
  std::vector<Parameter> updated(const std::vector<Parameter>& trainable) override;
  ParameterSlices slices() const override { return places_; }
  void begin_update(const std::vector<Parameter>& trainable, std::int64_t num_passes) override;
  void begin_pass() override;
  void reduce_gradients() override;
  /// From the squares in float64, as that of replicas, which it equals but for the last bit of float64.
  at::Tensor grad_norm(const std::vector<Parameter>& trainable) override;
  void finish_update() override;
  void begin_evaluation(std::int64_t num_passes) override;
  void end_evaluation() override;
  at::Tensor run_layer(const Layer& layer, const at::Tensor& hidden_nh) override;
  bool keeps_whole() const override { return stage_ != Stage::kParameters; }
  void make_whole() override;
  void set_values(const Parameter& parameter, const at::Tensor& values) override;
  at::Tensor whole_on(std::int64_t root, const Parameter& parameter) override;
  at::Tensor whole_on(std::int64_t root, const std::string& parameter, const at::Tensor& state) override;
  OptimizerState whole_state(const Optimizer& optimizer) override;

 private:
  std::int64_t most(std::int64_t passes);
  void group_by_layer(const std::vector<Parameter>& trainable);
  void begin_next_pass();
  void end_pass();
  at::Tensor gathered(std::int64_t root, const at::Tensor& own, at::IntArrayRef shape);

  ProcessGroup& shards() const { return mesh_.shards(); }

  ProcessMesh mesh_;
  GradientBuckets::Options options_;
  Stage stage_;
  std::vector<Parameter> slices_;
  ParameterSlices places_;
  std::unique_ptr<GradientBuckets> buckets_;
  std::unique_ptr<WeightGather> weights_;  ///< of those that are always whole
  std::unique_ptr<LayerWeights> layers_;   ///< of stage 3, as the next one
  std::unique_ptr<LayerPasses> layer_passes_;
  /// Of this process, or, from stage 2 on, of the one with the most.
  std::int64_t passes_left_ = 0;
  bool is_in_pass_ = false;
};

}  // namespace sift
