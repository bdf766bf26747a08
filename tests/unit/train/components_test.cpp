#include "train/components.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <sift/error.h>

#include "support/own_components.h"

namespace sift {
namespace {

using States = std::vector<std::pair<std::string, std::string>>;

/// A callback that counts its steps, and fails when it is asked to train on a thirteenth.
class Counter final : public Callback {
 public:
  explicit Counter(int& count) : count_(count) {}
  void on_step_begin(CallbackContext&) override {
    if (++count_ == 13) throw std::runtime_error("no luck");
  }
  std::string state() const override { return count_ > 0 ? std::to_string(count_) : ""; }
  void load_state(const std::string& bytes) override { count_ = std::stoi(bytes); }

 private:
  int& count_;
};

class ComponentsTest : public testing::Test {
 protected:
  ComponentsTest() {
    loss_.name = "own_loss";
    loss_.create = LossFactory([](const void*) { return std::make_unique<test::OwnLoss>(test::nll); });
    callback_.name = "counter";
    callback_.file = "/plugins/counter.so";
    callback_.create = CallbackFactory([this](const void*) { return std::make_unique<Counter>(count_); });
    configured_.loss = {&loss_, nullptr, false};
    configured_.callbacks = {{&callback_, nullptr, false}};
  }

  int count_ = 0;
  LoadedComponent loss_, callback_;
  ConfiguredComponents configured_;
};

TEST_F(ComponentsTest, KeepTheirStateByKindAndName) {
  Components components(configured_);
  EXPECT_EQ(components.states(), States{});
  count_ = 4;
  EXPECT_EQ(components.states(), (States{{"callback 'counter'", "4"}}));
  callback_.file = "/elsewhere/counter.so";  // a run may be resumed by another installation
  Components resumed(configured_);
  resumed.load_states({{"metric 'counter'", "1"}, {"callback 'counter'", "7"}});
  EXPECT_EQ(count_, 7);
}

TEST_F(ComponentsTest, WithoutAStateBeginAnew) {
  Components components(configured_);
  components.load_states({{"callback 'other'", "7"}});
  EXPECT_EQ(count_, 0);
}

TEST_F(ComponentsTest, ThatThrowAreNamedWithTheStep) {
  Components components(configured_);
  components.set_step(5);
  count_ = 12;
  const TrainerState state;
  TrainerControl control;
  CallbackContext context{state, control, {}, {}, {}};
  try {
    components.each_callback([&](Callback& callback) { callback.on_step_begin(context); });
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "callback 'counter' (/plugins/counter.so) failed in step 5: no luck");
  }
}

}  // namespace
}  // namespace sift
