#include "plugin_test_support.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;

class CsvTest : public ::testing::Test {
 protected:
  void SetUp() override { host_.load_file(test::real_plugin("sift_callback_csv")); }

  /// Adds an entry to the log as the loop does.
  static void log(Callback& callback, CallbackContext& context, test::FakeRun& run, LogEntry entry) {
    run.state.log_history.push_back(entry);
    callback.on_log(context, entry);
  }

  std::string table() const { return test::read_file(output_ / "log.csv"); }

  PluginHost host_;
  test::TempFolder output_;
  test::FakeRun run_{100};
};

TEST_F(CsvTest, OneRowForEachEntryAndAHeaderThatGrows) {
  const auto callback = test::create_callback(host_, "csv");
  CallbackContext context = run_.context(output_.path());
  output_.write("log.csv", "of an older run\n");
  callback->on_train_begin(context);
  EXPECT_EQ(table(), "step,epoch\n");
  log(*callback, context, run_, {2, {{"loss", 0.1}, {"learning_rate", 2e-5}, {"epoch", 0.25}}});
  log(*callback, context, run_, {4, {{"loss", 1.0 / 3}, {"learning_rate", 1e-5}, {"epoch", 0.5}}});
  EXPECT_EQ(table(), "step,epoch,loss,learning_rate\n2,0.25,0.1,2e-05\n4,0.5,0.3333333333333333,1e-05\n");
  log(*callback, context, run_, {4, {{"eval_loss", 3}, {"a,\"b\"", 5}, {"epoch", 0.5}}});
  EXPECT_EQ(table(),
            "step,epoch,loss,learning_rate,eval_loss,\"a,\"\"b\"\"\"\n2,0.25,0.1,2e-05,,\n"
            "4,0.5,0.3333333333333333,1e-05,,\n4,0.5,,,3,5\n");
}

TEST_F(CsvTest, ResumedRunGoesOnWithoutDuplicates) {
  const auto first = test::create_callback(host_, "csv");
  CallbackContext context = run_.context(output_.path());
  first->on_train_begin(context);
  log(*first, context, run_, {2, {{"loss", 2}, {"epoch", 1}, {"aux", 7}}});
  const std::string saved = first->state();
  const auto saved_log = run_.state.log_history;
  // after the checkpoint, and lost with the process
  log(*first, context, run_, {4, {{"loss", 1}, {"epoch", 2}, {"other", 7}}});

  run_.state.log_history = saved_log;
  std::swap(run_.state.log_history[0].values[0],
            run_.state.log_history[0].values[2]);  // as read back: sorted
  const auto second = test::create_callback(host_, "csv");
  second->load_state(saved);
  second->on_train_begin(context);
  log(*second, context, run_, {4, {{"loss", 1.5}, {"epoch", 2}}});
  EXPECT_EQ(table(), "step,epoch,loss,aux\n2,1,2,7\n4,2,1.5,\n");
}

TEST_F(CsvTest, FileThatCannotBeWritten) {
  output_.write("taken", "a file");
  const auto callback = test::create_callback(host_, "csv", {{"file", std::string("taken/log.csv")}});
  CallbackContext context = run_.context(output_.path());
  EXPECT_THROW(callback->on_train_begin(context), Error);

  // a failure in the middle of a run loses nothing once it is over
  const auto patient = test::create_callback(host_, "csv", {{"file", std::string("inner/log.csv")}});
  patient->on_train_begin(context);
  fs::remove_all(output_ / "inner");
  log(*patient, context, run_, {1, {{"loss", 2}}});
  fs::create_directory(output_ / "inner");
  log(*patient, context, run_, {2, {{"loss", 1}}});
  EXPECT_EQ(test::read_file(output_ / "inner" / "log.csv"), "step,epoch,loss\n1,,2\n2,,1\n");
}

}  // namespace
}  // namespace sift
