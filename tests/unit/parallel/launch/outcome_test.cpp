#include "parallel/launch/outcome.h"

#include <gtest/gtest.h>

#include <csignal>

namespace sift {
namespace {

const ProcessEnd kWell{0, 0}, kFailed{1, 0}, kKilled{0, SIGKILL}, kTerminated{0, SIGTERM}, kSaved{143, 0};

TEST(Outcome, IsThatOfTheFirstFailure) {
  Outcome outcome;
  outcome.add(0, kWell, false);
  EXPECT_EQ(outcome.status(), 0);
  outcome.add(2, {3, 0}, true);
  outcome.add(1, kFailed, true);
  ASSERT_TRUE(outcome.first_failure());
  EXPECT_EQ(outcome.first_failure()->rank, 2);
  EXPECT_EQ(outcome.status(), 3);
  EXPECT_FALSE(outcome.is_unexplained(true));
}

TEST(Outcome, AKilledProcessIsAFailureThatNobodyExplains) {
  Outcome outcome;
  outcome.add(1, kKilled, false);
  EXPECT_EQ(outcome.status(), 137);
  EXPECT_TRUE(outcome.is_unexplained(false));
  EXPECT_EQ(kKilled.to_string(), "was killed by SIGKILL");
  EXPECT_EQ((ProcessEnd{0, 77}).to_string(), "was killed by signal 77");
}

TEST(Outcome, ASilentEndIsUnexplainedUnlessAnotherProcessSaysWhy) {
  Outcome outcome;
  outcome.add(1, kFailed, false);
  EXPECT_FALSE(outcome.is_unexplained(false));
  EXPECT_TRUE(outcome.is_unexplained(true));
  outcome.add(0, kFailed, true);
  EXPECT_FALSE(outcome.is_unexplained(true));
  EXPECT_EQ(kFailed.to_string(), "ended with status 1");
}

TEST(Outcome, AProcessThatWasStoppedHasNotFailed) {
  Outcome outcome;
  outcome.add(0, kSaved, false);
  EXPECT_FALSE(outcome.first_failure());
  EXPECT_EQ(outcome.status(), 143);
  outcome.add(1, kFailed, true);
  EXPECT_EQ(outcome.status(), 1);
  Outcome with_error;
  with_error.add(0, kSaved, true);
  EXPECT_TRUE(with_error.first_failure()) << "it could not save";
}

TEST(Outcome, ASignalThatTheLauncherPassedOnIsNoFailure) {
  Outcome outcome;
  outcome.signal_passed_on(SIGTERM);
  outcome.add(0, kTerminated, false);
  EXPECT_FALSE(outcome.first_failure());
  EXPECT_EQ(outcome.status(), 143);
  Outcome by_another;
  by_another.add(0, kTerminated, false);
  EXPECT_TRUE(by_another.is_unexplained(false));
}

}  // namespace
}  // namespace sift
