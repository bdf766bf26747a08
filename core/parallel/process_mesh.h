#pragma once

#include <memory>
#include <utility>

#include "parallel/process_group.h"

namespace sift {

/// The processes of a run in a table (PyTorch's DeviceMesh): those of a row divide the weights among them,
/// and each row has a replica of all. Of R rows of S processes, process r is in row r / S and column r % S.
class ProcessMesh {
 public:
  /// One row. `all` outlives it.
  ProcessMesh(ProcessGroup& all) : all_(&all) {}  // NOLINT(google-explicit-constructor)
  /// `shards`: the row of this process; `replicas`: its column.
  ProcessMesh(ProcessGroup& all, std::shared_ptr<ProcessGroup> shards, std::shared_ptr<ProcessGroup> replicas)
      : all_(&all), shards_(std::move(shards)), replicas_(std::move(replicas)) {}

  ProcessGroup& all() const { return *all_; }
  ProcessGroup& shards() const { return shards_ ? *shards_ : *all_; }
  /// nullptr if there is one row.
  ProcessGroup* replicas() const { return replicas_.get(); }
  /// The first one, which has the main process.
  bool is_first_row() const { return all_->rank() < shards().size(); }

 private:
  ProcessGroup* all_;
  std::shared_ptr<ProcessGroup> shards_, replicas_;
};

}  // namespace sift
