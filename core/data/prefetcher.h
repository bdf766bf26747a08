#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

namespace sift {

/// The values make(begin), ..., make(end - 1), each computed on another thread while the previous one is in
/// use; only one value is prefetched. An exception of make() is rethrown by the next() that would have
/// returned the value. The caller may stop at any value; the destructor waits for a running make().
template <class T>
class Prefetcher {
 public:
  Prefetcher(std::int64_t begin, std::int64_t end, std::function<T(std::int64_t)> make)
      : make_(std::move(make)),
        thread_([this, begin, end](const std::stop_token& stop) { work(begin, end, stop); }) {}

  /// Must not be called more than `end - begin` times, nor after it has thrown.
  T next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return value_ || error_; });
    if (error_) std::rethrow_exception(error_);
    T value = std::move(*value_);
    value_.reset();
    lock.unlock();
    changed_.notify_all();
    return value;
  }

 private:
  void work(std::int64_t begin, std::int64_t end, const std::stop_token& stop) {
    for (std::int64_t index = begin; index < end; ++index) {
      std::optional<T> made;
      std::exception_ptr error;
      try {
        made = make_(index);
      } catch (...) {
        error = std::current_exception();
      }
      std::unique_lock lock(mutex_);
      value_ = std::move(made);
      error_ = error;
      changed_.notify_all();
      // taking a value starts the next one
      if (error || !changed_.wait(lock, stop, [this] { return !value_; })) return;
    }
  }

  std::function<T(std::int64_t)> make_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<T> value_;    // guarded by mutex_
  std::exception_ptr error_;  // guarded by mutex_
  std::jthread thread_;       // last member: it ends before the members that it uses are destroyed
};

}  // namespace sift
