#include "checkpoint/shards.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "checkpoint/shard_plan.h"
#include "formats/safetensors.h"
#include "optim/optimizer_shards.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

/// The files of this process as it writes them. After an error it writes nothing more, but still takes part
/// in what all processes do.
class OwnFiles {
 public:
  OwnFiles(fs::path folder, std::int64_t rank) : folder_(std::move(folder)), rank_(rank) {}

  bool owns(const ShardFile& file) const { return file.owner == rank_; }
  void write(const ShardFile& file, std::size_t index, const at::Tensor& whole) {
    attempt([&] {
      const SavedPiece& piece = *file.pieces[index];
      if (index == 0) {
        writer_ = std::make_unique<SafetensorsWriter>(folder_ / file.name, file.tensors(),
                                                      std::map<std::string, std::string>{{"format", "pt"}});
      }
      for (const auto& [name, tensor] : piece.tensors(whole)) writer_->write(name, tensor);
      if (index + 1 < file.pieces.size()) return;
      writer_->commit();
      entries_.push_back(manifest_entry(folder_, file.name));
    });
  }
  /// For read_outcome().
  std::string outcome() const {
    Json json{{"problem", problem_}, {"files", Json::array()}};
    for (const ManifestEntry& entry : entries_)
      json["files"].push_back({{"name", entry.name}, {"size", entry.size}, {"hash", entry.hash}});
    return json.dump();
  }

 private:
  template <class Work>
  void attempt(const Work& work) {
    if (!problem_.empty()) return;
    try {
      work();
    } catch (const std::exception& error) {
      problem_ = error.what();
      writer_.reset();
    }
  }

  fs::path folder_;
  std::int64_t rank_;
  std::unique_ptr<SafetensorsWriter> writer_;
  std::vector<ManifestEntry> entries_;
  std::string problem_;
};

/// The files of each process one after the other, those of all processes at the same time.
void write_files(const std::vector<ShardFile>& files, OwnFiles& own) {
  std::map<std::int64_t, std::vector<std::pair<const ShardFile*, std::size_t>>> work;  // by process
  std::size_t rounds = 0;
  for (const ShardFile& file : files) {
    for (std::size_t i = 0; i < file.pieces.size(); ++i) work[file.owner].emplace_back(&file, i);
    rounds = std::max(rounds, work[file.owner].size());
  }
  for (std::size_t round = 0; round < rounds; ++round) {
    at::Tensor whole;
    for (const auto& [owner, pieces] : work) {
      if (round >= pieces.size()) continue;
      const auto& [file, index] = pieces[round];
      const at::Tensor values = file->pieces[index]->whole(owner);
      if (own.owns(*file)) whole = values;
    }
    for (const auto& [owner, pieces] : work) {
      if (round >= pieces.size() || !own.owns(*pieces[round].first)) continue;
      own.write(*pieces[round].first, pieces[round].second, whole);
    }
  }
}

void read_outcome(const std::string& outcome, std::int64_t rank, ShardFiles& all) {
  const Json json = Json::parse(outcome);
  for (const Json& file : json["files"])
    all.files.push_back({file["name"], file["size"].get<std::uint64_t>(), file["hash"]});
  if (const std::string problem = json["problem"]; !problem.empty() && all.problem.empty())
    all.problem = fmt::format("rank {}: {}", rank, problem);
}

ShardFiles outcome_of_all(const OwnFiles& own, Parallel& parallel) {
  ShardFiles all;
  const std::vector<std::string> outcomes = parallel.gathered(own.outcome());
  for (std::size_t rank = 0; rank < outcomes.size(); ++rank)
    read_outcome(outcomes[rank], static_cast<std::int64_t>(rank), all);
  return all;
}

void add_to_map(const std::vector<ShardFile>& files, std::map<std::string, std::string>& weight_map) {
  for (const ShardFile& file : files)
    for (const NamedTensor& tensor : file.tensors()) weight_map[tensor.name] = file.name;
}

}  // namespace

ShardFiles write_shards(const fs::path& folder, const Decoder& model, const Optimizer* optimizer,
                        Parallel& parallel) {
  const at::NoGradGuard no_grad;
  OwnFiles own(folder, parallel.rank());
  const std::vector<SavedPiece> weights = pieces_of(model, parallel);
  const std::vector<ShardFile> weight_files = divided(weights, parallel.size(), weights_file_name);
  write_files(weight_files, own);
  if (optimizer != nullptr) {
    const std::vector<SavedPiece> state = pieces_of(*optimizer, parallel);
    write_files(divided(state, parallel.size(), optimizer_shard_name), own);
  }
  ShardFiles all = outcome_of_all(own, parallel);
  add_to_map(weight_files, all.weight_map);
  return all;
}

ShardFiles write_weights(const fs::path& folder, const Decoder& model, Parallel& parallel,
                         std::int64_t max_bytes) {
  const at::NoGradGuard no_grad;
  OwnFiles own(folder, parallel.rank());
  const std::vector<SavedPiece> weights = pieces_of(model, parallel);
  const std::vector<ShardFile> files = limited(weights, max_bytes);
  write_files(files, own);
  ShardFiles all = outcome_of_all(own, parallel);
  add_to_map(files, all.weight_map);
  return all;
}

}  // namespace sift
