#include "data/epoch_orders.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "data/sampler.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

using Json = nlohmann::json;
using Order = std::vector<std::int64_t>;

Order numbers(const RowOrder& order) {
  return {order.begin(), order.end()};
}

TokenDataset rows_of_lengths(const std::vector<std::size_t>& lengths) {
  TokenDataset data;
  for (const std::size_t length : lengths) {
    const std::vector<std::int32_t> tokens(length, 1);
    data.add_row(tokens, tokens);
  }
  return data;
}

/// A case of tests/reference/make_length_group_goldens.py: three epochs of transformers'
/// LengthGroupedSampler, with an evaluation after the first.
class Golden {
 public:
  explicit Golden(const Json& json)
      : json_(json), data_(rows_of_lengths(json.at("lengths").get<std::vector<std::size_t>>())) {}
  EpochOrders orders() const {
    EpochOrders::Options options{"group_by_length"};
    options.seed = json_.at("seed").get<std::int64_t>();
    options.rows_per_update = json_.at("batch_size").get<std::int64_t>();
    return {data_, options};
  }
  Order epoch(std::size_t index) const { return json_.at("orders").at(index).get<Order>(); }

 private:
  Json json_;
  TokenDataset data_;
};

std::vector<Golden> goldens() {
  std::vector<Golden> all;
  for (const Json& json : Json::parse(test::read_file(std::string(SIFT_FIXTURES) + "/length_groups.json")))
    all.emplace_back(json);
  return all;
}

TEST(EpochOrders, GroupedByLengthAreTransformers) {
  for (const Golden& golden : goldens()) {
    EpochOrders orders = golden.orders();
    EXPECT_EQ(numbers(orders.begin(0)), golden.epoch(0));
    orders.count_evaluation();
    EXPECT_EQ(numbers(orders.begin(1)), golden.epoch(1));
    EXPECT_EQ(numbers(orders.begin(2)), golden.epoch(2));
  }
}

TEST(EpochOrders, ResumedWithinAnEpochAreTheSame) {
  for (const Golden& golden : goldens()) {
    EpochOrders whole = golden.orders();
    whole.begin(0);
    const auto within = whole.states();
    whole.count_evaluation();
    const auto after = whole.states();
    EpochOrders evaluated_later = golden.orders(), evaluated = golden.orders(), next = golden.orders();
    evaluated_later.restore(within, true);
    evaluated_later.count_evaluation();
    evaluated.restore(after, true);
    for (EpochOrders* resumed : {&evaluated_later, &evaluated}) {
      EXPECT_EQ(numbers(resumed->begin(0)), golden.epoch(0));
      EXPECT_EQ(numbers(resumed->begin(1)), golden.epoch(1));
    }
    next.restore(after, false);
    EXPECT_EQ(numbers(next.begin(1)), golden.epoch(1));
  }
}

TEST(EpochOrders, OtherStrategiesDependOnTheEpochAlone) {
  const TokenDataset data = rows_of_lengths(std::vector<std::size_t>(10, 3));
  EpochOrders random(data, {.strategy = "random", .order_seed = 7, .seed = 42});
  EXPECT_EQ(numbers(random.begin(1)), numbers(epoch_order(10, 7, 1)));
  EpochOrders sequential(data, {.strategy = "sequential"});
  EXPECT_EQ(numbers(sequential.begin(1)), (Order{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_TRUE(random.states().empty() && sequential.states().empty());
}

}  // namespace
}  // namespace sift
