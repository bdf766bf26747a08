#include "parallel/run_status.h"

#include <fmt/format.h>
#include <torch/csrc/distributed/c10d/Store.hpp>

namespace sift {
namespace {

constexpr const char* kFailure = "failure";
constexpr const char* kClaims = "failure_claims";

std::string beat_key(std::int64_t rank) {
  return fmt::format("beat/{}", rank);
}

std::string done_key(std::int64_t rank) {
  return fmt::format("done/{}", rank);
}

}  // namespace

RunStatus::RunStatus(const c10::intrusive_ptr<c10d::Store>& store) : store_(store) {}

RunStatus::~RunStatus() = default;

void RunStatus::set_beat(std::int64_t rank, const std::string& beat) {
  store_->set(beat_key(rank), beat);
}

std::string RunStatus::beat(std::int64_t rank) {
  return store_->check({beat_key(rank)}) ? store_->get_to_str(beat_key(rank)) : "";
}

void RunStatus::set_done(std::int64_t rank) {
  store_->set(done_key(rank), std::string("1"));
}

bool RunStatus::is_done(std::int64_t rank) {
  return store_->check({done_key(rank)});
}

bool RunStatus::claim_failure(const RunFailure& failure) {
  if (store_->add(kClaims, 1) != 1) return false;
  store_->set(kFailure, fmt::format("{} {}", failure.status, failure.error));
  return true;
}

std::optional<RunFailure> RunStatus::failure() {
  if (!store_->check({kFailure})) return std::nullopt;
  const std::string text = store_->get_to_str(kFailure);
  const std::size_t space = text.find(' ');
  return RunFailure{text.substr(space + 1), std::stoi(text.substr(0, space))};
}

}  // namespace sift
