#include "data/packing.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>

namespace sift {
namespace {

using Lengths = std::vector<std::int64_t>;
using Rows = std::vector<std::vector<Piece>>;

Rows rows_of(const PackedRows& packed) {
  Rows rows;
  for (std::size_t i = 0; i < packed.num_rows(); ++i)
    rows.emplace_back(packed.row(i).begin(), packed.row(i).end());
  return rows;
}

Rows packed(const Lengths& lengths, std::int64_t max_length, PackingStrategy strategy) {
  return rows_of(pack_rows(lengths, max_length, strategy));
}

// The example in the documentation of trl.pack_dataset.
TEST(Packing, DocumentedExample) {
  const Lengths lengths{5, 2, 3, 1};
  EXPECT_EQ(packed(lengths, 4, PackingStrategy::kBfd),
            (Rows{{{0, 0, 4}}, {{2, 0, 3}, {3, 0, 1}}, {{1, 0, 2}}}));
  EXPECT_EQ(packed(lengths, 4, PackingStrategy::kBfdSplit),
            (Rows{{{0, 0, 4}}, {{2, 0, 3}, {0, 4, 1}}, {{1, 0, 2}, {3, 0, 1}}}));
  EXPECT_EQ(packed(lengths, 4, PackingStrategy::kWrapped),
            (Rows{{{0, 0, 4}}, {{0, 4, 1}, {1, 0, 2}, {2, 0, 1}}, {{2, 1, 2}, {3, 0, 1}}}));
}

TEST(Packing, NothingSpansAThousandRows) {
  const Rows fit = packed(Lengths(1500, 3), 6, PackingStrategy::kBfd);
  ASSERT_EQ(fit.size(), 750U);
  EXPECT_EQ(fit[499], (std::vector<Piece>{{998, 0, 3}, {999, 0, 3}}));
  EXPECT_EQ(fit[500], (std::vector<Piece>{{1000, 0, 3}, {1001, 0, 3}}));

  const Rows wrapped = packed(Lengths(1001, 3), 7, PackingStrategy::kWrapped);
  ASSERT_EQ(wrapped.size(), 430U);
  EXPECT_EQ(wrapped[428], (std::vector<Piece>{{998, 2, 1}, {999, 0, 3}}));
  EXPECT_EQ(wrapped[429], (std::vector<Piece>{{1000, 0, 3}}));
}

// What TRL makes of random lengths, empty rows among them (tests/reference/make_packing_goldens.py).
TEST(Packing, EqualsTrl) {
  const auto cases = nlohmann::json::parse(std::ifstream(SIFT_FIXTURES "/packing.json"));
  ASSERT_EQ(cases.size(), 9U);
  for (const auto& one : cases) {
    const auto strategy = one.at("strategy").get<std::string>();
    SCOPED_TRACE(strategy + " " + one.at("max_length").dump());
    Rows expected;
    for (const auto& row : one.at("rows")) {
      expected.emplace_back();
      for (const auto& piece : row) expected.back().push_back({piece.at(0), piece.at(1), piece.at(2)});
    }
    EXPECT_EQ(packed(one.at("lengths").get<Lengths>(), one.at("max_length"), packing_strategy_of(strategy)),
              expected);
  }
}

TEST(Packing, SmallestAndEmptyInputs) {
  EXPECT_TRUE(packed({}, 4, PackingStrategy::kBfd).empty());
  EXPECT_TRUE(packed({0, 0}, 4, PackingStrategy::kBfd).empty());
  EXPECT_TRUE(packed({0, 0}, 4, PackingStrategy::kWrapped).empty());
  EXPECT_EQ(packed({2, 1}, 1, PackingStrategy::kBfdSplit), (Rows{{{0, 0, 1}}, {{0, 1, 1}}, {{1, 0, 1}}}));
}

TEST(Packing, ManyRowsLoseNoToken) {
  std::mt19937 random(1);
  std::lognormal_distribution<double> length(5.5, 0.8);
  Lengths lengths(100'000);
  for (auto& value : lengths) value = 1 + static_cast<std::int64_t>(length(random));
  const std::int64_t total = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
  for (const auto strategy : {PackingStrategy::kBfdSplit, PackingStrategy::kWrapped}) {
    std::int64_t kept = 0;
    for (const auto& row : packed(lengths, 2048, strategy)) {
      std::int64_t tokens = 0;
      for (const Piece& piece : row) tokens += piece.length;
      EXPECT_LE(tokens, 2048);
      kept += tokens;
    }
    EXPECT_EQ(kept, total);
  }
}

}  // namespace
}  // namespace sift
