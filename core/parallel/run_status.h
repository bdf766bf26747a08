#pragma once

#include <c10/util/intrusive_ptr.h>

#include <cstdint>
#include <optional>
#include <string>

namespace c10d {
class Store;
}

namespace sift {

/// How a run ended.
struct RunFailure {
  std::string error;
  int status = 1;  ///< the exit status of all its processes
};

/// How the processes of a run are, in the store that they share. Thread-safe.
class RunStatus {
 public:
  explicit RunStatus(const c10::intrusive_ptr<c10d::Store>& store);
  ~RunStatus();
  RunStatus(const RunStatus&) = delete;
  RunStatus& operator=(const RunStatus&) = delete;

  /// A process shows that it lives by a text that is another one each time.
  void set_beat(std::int64_t rank, const std::string& beat);
  std::string beat(std::int64_t rank);

  /// A process that has ended well is no longer expected to live.
  void set_done(std::int64_t rank);
  bool is_done(std::int64_t rank);

  /// The error that ended the run: the first that a process claims. Returns whether it is this one.
  bool claim_failure(const RunFailure& failure);
  std::optional<RunFailure> failure();

 private:
  c10::intrusive_ptr<c10d::Store> store_;
};

}  // namespace sift
