#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "parallel/launch/descriptor.h"

namespace sift {

/// The errors that children have printed, "sift: ...".
struct ShownErrors {
  /// Whether it is another error than those before. Two that differ in numbers alone are the same one, which
  /// processes have met at different steps.
  bool add(std::string_view line);

  std::set<std::string> lines;  ///< without their digits
  /// One of the children prints to the terminal itself: until it has ended, and its error is among the lines,
  /// the streams of the others keep theirs.
  bool wait_for_first = false;
};

/// What a child writes to a pipe, on its way to a stream of the launcher, in whole lines. An error
/// ("sift: ...") that another child has already shown is left out, with all that follows it in the stream:
/// every process finds the same fault in a configuration.
class ChildStream {
 public:
  /// `prefix` begins every line; if it is not empty, no line is left out. `shown` must outlive the stream.
  ChildStream(Descriptor from, int to, std::string prefix, ShownErrors& shown);

  int descriptor() const { return from_.get(); }
  bool is_open() const { return from_.get() >= 0; }
  /// Passes on what there is, without waiting, and closes the stream at its end.
  void pass_on();
  /// The child has ended: passes on what there is, a line without an end too, and closes the stream.
  void finish();

 private:
  bool waits() const;
  void take_lines();
  void show_pending();
  void show(std::string_view line);

  Descriptor from_;
  int to_;
  std::string prefix_;
  ShownErrors* shown_;
  std::string pending_;  ///< the beginning of a line
  bool left_out_ = false;
};

}  // namespace sift
