#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/weights/parameter.h"
#include "parallel/process_group.h"

namespace sift {

/// The weights of a model, of which a process keeps its slices (slice_of()). The storage of a whole weight is
/// empty but between need() and release() of its layer: everything that has the weight, such as what autograd
/// saved, sees the values again then. The weights of no layer, such as the embedding, count as those of one
/// more, of number num_layers().
///
/// Every process makes the same calls in the same order.
class LayerWeights {
 public:
  /// `group` outlives it.
  explicit LayerWeights(ProcessGroup& group) : group_(group) {}
  /// Keeps the slice of a parameter and empties the whole; nothing happens if that has been done, or if it
  /// shares its storage with others.
  void add(const Parameter& parameter);

  std::int64_t num_layers() const { return static_cast<std::int64_t>(layers_.size()); }
  /// The slice [length] of a weight, which has a storage of its own; undefined if it was not added.
  at::Tensor slice(const std::string& name) const;

  /// Begins to gather the weights of a layer. Nothing happens if there is no such layer or they are there.
  void prefetch(std::int64_t layer);
  /// The weights are there on return.
  void need(std::int64_t layer);
  void need_all();
  void release(std::int64_t layer);
  void release_all();

 private:
  struct Weight {
    std::string name;
    at::Tensor whole;  ///< an alias whose changes autograd does not see
    at::Tensor slice;
    std::size_t nbytes = 0;   ///< of the whole
    std::int64_t offset = 0;  ///< in the part of each process, in bytes
  };
  struct Layer {
    std::vector<Weight> weights;
    std::int64_t part_bytes = 0;  ///< of each process
    at::Tensor parts;             ///< of all processes, while they come
    std::optional<Pending> pending;
    bool is_there = false;
  };
  /// nullptr: there is no such layer.
  Layer* at_number(std::int64_t number);
  Layer& layer_for(const std::string& name);

  ProcessGroup& group_;
  std::vector<Layer> layers_;
  Layer outer_;                               ///< the weights of no layer
  std::map<std::string, at::Tensor> slices_;  ///< by the name of the weight
};

/// The number of the layer that a parameter belongs to; nothing if it belongs to none.
std::optional<std::int64_t> layer_of(const std::string& parameter_name);

}  // namespace sift
