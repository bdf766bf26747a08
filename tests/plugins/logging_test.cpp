#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>

#include <sift/status_line.h>
#include "plugin_test_support.h"

namespace sift {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class LoggingTest : public ::testing::Test {
 protected:
  void SetUp() override { host_.load_file(test::real_plugin("sift_callback_logging")); }
  void TearDown() override { set_status_line(""); }

  PluginHost host_;
};

TEST_F(LoggingTest, RefusesAnUnknownProgress) {
  EXPECT_THROW(test::create_callback(host_, "logging", {{"progress", std::string("sometimes")}}), Error);
}

TEST_F(LoggingTest, WritesOneLineForAnEntry) {
  const auto callback = test::create_callback(host_, "logging", {{"progress", std::string("off")}});
  test::FakeRun run(100);
  CallbackContext context = run.context();
  ::testing::internal::CaptureStderr();
  callback->on_train_begin(context);
  run.state.global_step = 20;
  run.state.num_tokens = 1000000;
  callback->on_step_end(context);
  const LogEntry entry{20,
                       {{"loss", 2.34567},
                        {"grad_norm", 0.00012345},
                        {"learning_rate", 2e-5},
                        {"mean_token_accuracy", 0.5},
                        {"num_tokens", 1000000},
                        {"epoch", 0.4}}};
  callback->on_log(context, entry);
  const LogEntry evaluation{20, {{"eval_loss", 1.5}, {"epoch", 0.4}}};
  callback->on_log(context, evaluation);
  callback->on_evaluate(context, evaluation);
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(text,
              HasSubstr("step 20/100  epoch 0.40  loss 2.3457  grad_norm 0.0001234  learning_rate 2e-05  "
                        "mean_token_accuracy 0.5000  num_tokens 1000000  "));
  EXPECT_THAT(text, HasSubstr(" tokens/s\n"));
  EXPECT_THAT(text, HasSubstr("step 20/100  epoch 0.40  eval_loss 1.5000\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST_F(LoggingTest, StaysPlainWithoutATerminal) {
  const auto callback = test::create_callback(host_, "logging", {{"progress", std::string("auto")}});
  test::FakeRun run(100);
  CallbackContext context = run.context();
  ::testing::internal::CaptureStderr();
  callback->on_train_begin(context);
  callback->on_step_begin(context);
  run.state.global_step = 1;
  callback->on_step_end(context);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_F(LoggingTest, RewritesALiveLineAtMostTenTimesASecond) {
  const auto callback = test::create_callback(host_, "logging", {{"progress", std::string("on")}});
  test::FakeRun run(1000);
  run.state.log_history = {{10, {{"loss", 1.25}}}, {10, {{"eval_loss", 9.0}}}};
  CallbackContext context = run.context();
  ::testing::internal::CaptureStderr();
  const auto begin = std::chrono::steady_clock::now();
  callback->on_train_begin(context);
  const LogEntry evaluation{0, {{"eval_loss", 9.0}}};
  callback->on_log(context, evaluation);
  callback->on_evaluate(context, evaluation);  // before any step: no time of training
  callback->on_step_begin(context);
  for (run.state.global_step = 1; run.state.global_step <= 500; ++run.state.global_step) {
    callback->on_step_end(context);
  }
  ::usleep(110000);
  run.state.num_tokens = 5000;
  callback->on_step_end(context);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  callback->on_train_end(context);
  const std::string text = ::testing::internal::GetCapturedStderr();
  const auto draws = std::count(text.begin(), text.end(), '\r');
  EXPECT_LE(static_cast<double>(draws), 4 + elapsed.count() * 10);
  EXPECT_THAT(text, HasSubstr("\r\x1b[2Kstep 0/1000 (0%)  loss 1.2500"));
  const auto logged = text.find("eval_loss 9.0000\n");
  ASSERT_NE(logged, std::string::npos);
  const std::string line = text.substr(text.rfind('\r', logged));
  EXPECT_EQ(line.rfind("\r\x1b[2K", 0), 0U) << "a log line starts on a clean line";
  EXPECT_THAT(line.substr(0, line.find('\n')), Not(HasSubstr("loss 1.2500")));
  EXPECT_THAT(text, HasSubstr("step 501/1000 (50%)  loss 1.2500  "));
  EXPECT_THAT(text, HasSubstr(" tokens/s  ETA 0:00:00"));
  EXPECT_EQ(text.substr(text.size() - 5), "\r\x1b[2K") << "the line is gone at the end";
}

TEST_F(LoggingTest, AnAbortedRunLeavesNoLiveLine) {
  auto callback = test::create_callback(host_, "logging", {{"progress", std::string("on")}});
  test::FakeRun run(10);
  CallbackContext context = run.context();
  ::testing::internal::CaptureStderr();
  callback->on_train_begin(context);
  callback.reset();
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(text.substr(text.size() - 5), "\r\x1b[2K");
}

TEST(StatusLine, MakesRoomForWholeLines) {
  ::testing::internal::CaptureStderr();
  set_status_line("step 1");
  {
    const StatusLinePause pause;
    std::fputs("a line\n", stderr);
  }
  set_status_line("");
  set_status_line("");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "\r\x1b[2Kstep 1\r\x1b[2Ka line\nstep 1\r\x1b[2K");
}

TEST(LogEntry, FindsAKey) {
  const LogEntry entry{1, {{"loss", 2.0}}};
  ASSERT_NE(entry.find("loss"), nullptr);
  EXPECT_EQ(*entry.find("loss"), 2.0);
  EXPECT_EQ(entry.find("lo"), nullptr);
}

}  // namespace
}  // namespace sift
