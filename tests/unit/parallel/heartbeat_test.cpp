#include "parallel/heartbeat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/distributed/c10d/HashStore.hpp>

#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace sift {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

const Heartbeat::Options kQuick{milliseconds(20), milliseconds(400), milliseconds(100), milliseconds(20)};

/// A store on a host that can be cut off: then it does not answer any more, and nothing fails.
class CutOffStore final : public c10d::HashStore {
 public:
  bool check(const std::vector<std::string>& keys) override {
    std::unique_lock lock(mutex_);
    back_.wait(lock, [this] { return !is_cut_off_; });
    return c10d::HashStore::check(keys);
  }
  void set_cut_off(bool value) {
    const std::lock_guard lock(mutex_);
    is_cut_off_ = value;
    back_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable back_;
  bool is_cut_off_ = false;
};

class HeartbeatTest : public testing::Test {
 protected:
  /// The error with which a process ends; waits for it.
  struct Ended {
    std::promise<std::string> promise;
    std::future<std::string> error = promise.get_future();
    std::once_flag once;
  };
  std::unique_ptr<Heartbeat> start(std::int64_t rank, Ended& ended) {
    const auto end = [&ended](const std::string& error) {
      std::call_once(ended.once, [&] { ended.promise.set_value(error); });
    };
    return std::make_unique<Heartbeat>(status_, rank,
                                       std::vector<std::string>{"here (process 1)", "there (process 2)"},
                                       kQuick, Heartbeat::Actions{end, [end] { end("no store"); }});
  }
  static bool has_ended(Ended& ended, milliseconds time) {
    return ended.error.wait_for(time) == std::future_status::ready;
  }

  c10::intrusive_ptr<CutOffStore> store_ = c10::make_intrusive<CutOffStore>();
  RunStatus status_{store_};
  Ended first_, second_;
};

TEST_F(HeartbeatTest, ProcessesThatLiveLetEachOtherBe) {
  const auto first = start(0, first_), second = start(1, second_);
  EXPECT_FALSE(has_ended(first_, milliseconds(400)));
  EXPECT_FALSE(has_ended(second_, milliseconds(0)));
}

TEST_F(HeartbeatTest, AProcessWithoutABeatEndsTheRunAndIsNamed) {
  const auto first = start(0, first_);
  auto second = start(1, second_);
  second->set_step(7);
  std::this_thread::sleep_for(milliseconds(50));
  second.reset();  // as if it were killed
  ASSERT_TRUE(has_ended(first_, std::chrono::seconds(5)));
  const std::string error = first_.error.get();
  EXPECT_THAT(error, HasSubstr("rank 1 of 2 on there (process 2)"));
  EXPECT_THAT(error, HasSubstr("at step 7"));
  EXPECT_EQ(status_.failure().value_or(RunFailure{}).error, error);
}

TEST_F(HeartbeatTest, AProcessThatHasEndedWellIsNotMissed) {
  const auto first = start(0, first_);
  auto second = start(1, second_);
  status_.set_done(1);
  second.reset();
  EXPECT_FALSE(has_ended(first_, milliseconds(400)));
}

TEST_F(HeartbeatTest, AnErrorThatAnotherProcessShowsEndsThisOneSilently) {
  const auto first = start(0, first_), second = start(1, second_);
  EXPECT_TRUE(status_.claim_failure({"rank 1: no"}));
  ASSERT_TRUE(has_ended(first_, std::chrono::seconds(5)));
  EXPECT_EQ(first_.error.get(), "");
}

TEST_F(HeartbeatTest, AStoreThatDoesNotAnswerEndsTheProcess) {
  status_.set_done(1);  // nobody is watched
  const auto first = start(0, first_);
  EXPECT_FALSE(has_ended(first_, milliseconds(50)));
  store_->set_cut_off(true);
  ASSERT_TRUE(has_ended(first_, std::chrono::seconds(5)));
  EXPECT_EQ(first_.error.get(), "no store");
  store_->set_cut_off(false);
}

TEST_F(HeartbeatTest, OneErrorIsShown) {
  EXPECT_TRUE(status_.claim_failure({"first error", 2}));
  EXPECT_FALSE(status_.claim_failure({"second error"}));
  ASSERT_TRUE(status_.failure());
  EXPECT_EQ(status_.failure()->error, "first error");
  EXPECT_EQ(status_.failure()->status, 2);
}

}  // namespace
}  // namespace sift
