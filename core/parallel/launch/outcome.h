#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace sift {

/// How a process ended.
struct ProcessEnd {
  int exit_status = 0;
  int signal = 0;  ///< that killed it; 0: it ended by itself

  /// Of the system's waitpid().
  static ProcessEnd of(int wait_status);
  /// As a shell reports it: 128 + signal for a killed process.
  int status() const;
  /// "was killed by SIGKILL" or "ended with status 3".
  std::string to_string() const;
};

/// What the ends of its children mean for a launcher. A child that was stopped by a signal of the launcher,
/// or that ended with 128 + the number of such a signal after it saved a checkpoint, has not failed.
class Outcome {
 public:
  struct Failure {
    std::int64_t rank = 0;
    ProcessEnd end;
  };

  /// The launcher has passed on a signal that it got.
  void signal_passed_on(int signal) { passed_on_.insert(signal); }
  /// A child has ended; `left_error`: it said why, in the file for its error.
  void add(std::int64_t rank, const ProcessEnd& end, bool left_error);

  const std::optional<Failure>& first_failure() const { return first_failure_; }
  /// Whether no process has said why the run failed: the first child that failed was killed and left no
  /// error, or, once all children have ended, none of those that failed left one.
  bool is_unexplained(bool all_have_ended) const;
  /// Exit status of the launcher: that of the first failure, else that of the first stopped child, else 0.
  int status() const;

 private:
  bool is_failure(const ProcessEnd& end, bool left_error) const;

  std::set<int> passed_on_;
  std::optional<Failure> first_failure_;
  bool first_left_error_ = false;
  bool any_left_error_ = false;
  int stopped_status_ = 0;
};

}  // namespace sift
