#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <numeric>
#include <random>
#include <string>

#include <sift/loss.h>
#include "data/collate.h"
#include "data/pack_dataset.h"
#include "data/sampler.h"
#include "model/decoder/decoder.h"
#include "support/tiny_model.h"

// How rows are put together must not change what a model learns from them.

namespace sift {
namespace {

using Order = std::vector<std::int64_t>;

TokenDataset random_rows(int num_rows) {
  std::mt19937 random(3);
  TokenDataset data;
  for (int row = 0; row < num_rows; ++row) {
    std::vector<std::int32_t> ids(2 + random() % 14), labels;
    for (auto& id : ids) {
      id = static_cast<std::int32_t>(random() % 32);
      labels.push_back(random() % 4 == 0 ? static_cast<std::int32_t>(kIgnoreIndex) : id);
    }
    data.add_row(ids, labels);
  }
  return data;
}

TokenDataset packed(const TokenDataset& data, PackingStrategy strategy = PackingStrategy::kBfd) {
  return pack(data, {24, strategy});
}

Order all_rows(const TokenDataset& data) {
  Order rows(static_cast<std::size_t>(data.num_rows()));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

/// Loss and gradients over the data, `batch_size` rows at a time, in double.
struct Gradients {
  double loss = 0;
  std::vector<at::Tensor> of_parameters;
};

Gradients gradients(const Decoder& model, const TokenDataset& data, std::span<const std::int64_t> order,
                    std::int64_t batch_size) {
  std::int64_t num_items = 0;
  for (const std::int64_t row : order) num_items += num_scored(data, row);
  Gradients result;
  for (std::int64_t index = 0; index * batch_size < static_cast<std::int64_t>(order.size()); ++index) {
    const Batch batch = collate(data, batch_rows(order, index, batch_size), at::kCPU);
    const at::Tensor hidden_nh = model.forward(batch);
    const LmHead head = model.head();
    const at::Tensor loss = -token_stats({batch, hidden_nh, head, num_items, {}}).log_prob_m.sum() /
                            static_cast<double>(num_items);
    torch::autograd::backward({loss}, {});
    result.loss += loss.item<double>();
  }
  for (const Parameter& parameter : model.parameters()) {
    result.of_parameters.push_back(parameter.tensor.grad().clone());
    parameter.tensor.mutable_grad().reset();
  }
  return result;
}

void expect_same(const Gradients& found, const Gradients& expected) {
  // log-probabilities are float32; everything before them is double
  EXPECT_NEAR(found.loss, expected.loss, 1e-6);
  for (std::size_t i = 0; i < found.of_parameters.size(); ++i) {
    const double difference = (found.of_parameters[i] - expected.of_parameters[i]).abs().max().item<double>();
    EXPECT_LT(difference, 1e-6) << "parameter " << i;
  }
}

/// Of full attention, and of a window that is shorter than most documents.
ModelConfig config_of(const std::string& family) {
  nlohmann::ordered_json json = test::tiny_config_json();
  if (family == "mistral") {
    json["architectures"] = {"MistralForCausalLM"};
    json["model_type"] = "mistral";
    json["sliding_window"] = 5;
  }
  return ModelConfig::from_json(json, "config.json");
}

class PackedBatch : public testing::TestWithParam<std::string> {
 protected:
  Decoder model_ = Decoder::random(config_of(GetParam()), 1, at::kDouble, at::kCPU);
  TokenDataset data_ = random_rows(23);
};

INSTANTIATE_TEST_SUITE_P(Families, PackedBatch, testing::Values("llama", "mistral"));

TEST_P(PackedBatch, MicroBatchesDoNotMatter) {
  const Gradients expected = gradients(model_, data_, all_rows(data_), 23);
  EXPECT_GT(expected.of_parameters[0].abs().max().item<double>(), 1e-3);
  for (const std::int64_t batch_size : {1, 4, 10})
    expect_same(gradients(model_, data_, all_rows(data_), batch_size), expected);
}

TEST_P(PackedBatch, PackingDoesNotMatter) {
  const Gradients expected = gradients(model_, data_, all_rows(data_), 4);
  const TokenDataset rows = packed(data_);
  EXPECT_LT(rows.num_rows(), data_.num_rows());
  EXPECT_EQ(rows.num_documents(), data_.num_documents());
  for (const std::int64_t batch_size : {1, 3}) {
    expect_same(gradients(model_, rows, all_rows(rows), batch_size), expected);
  }
}

TEST_P(PackedBatch, OrderDoesNotMatter) {
  const Gradients expected = gradients(model_, data_, all_rows(data_), 4);
  expect_same(gradients(model_, data_, shuffled_order(data_.num_rows(), 5), 4), expected);
  const TokenDataset shuffled = reordered(data_, shuffled_order(data_.num_rows(), 6));
  const TokenDataset rows = packed(shuffled);
  expect_same(gradients(model_, rows, shuffled_order(rows.num_rows(), 7), 2), expected);
}

TEST_P(PackedBatch, LogProbsOfADocumentAreThoseItHasAlone) {
  const auto log_probs = [this](const TokenDataset& data, const Order& rows) {
    const Batch batch = collate(data, rows, at::kCPU);
    const at::Tensor hidden_nh = model_.forward(batch);
    const LmHead head = model_.head();
    return token_stats({batch, hidden_nh, head, 1, {}}).log_prob_m.detach();
  };
  const PackedRows plan = pack_rows(data_.row_lengths(all_rows(data_)), 24, PackingStrategy::kBfd);
  const TokenDataset rows = packed(data_);
  for (std::size_t row = 0; row < plan.num_rows(); ++row) {
    const at::Tensor together_m = log_probs(rows, {static_cast<std::int64_t>(row)});
    std::vector<at::Tensor> alone;
    for (const Piece& piece : plan.row(row)) alone.push_back(log_probs(data_, {piece.row}));
    EXPECT_TRUE(at::allclose(together_m, at::cat(alone), 0, 1e-6)) << "row " << row;
  }
}

TEST_P(PackedBatch, CrossingDocumentsDoMatter) {
  const TokenDataset apart = packed(data_, PackingStrategy::kWrapped);
  const TokenDataset crossing = pack(data_, {24, PackingStrategy::kWrapped, /*cross_documents=*/true});
  const double difference = gradients(model_, apart, all_rows(apart), 4).loss -
                            gradients(model_, crossing, all_rows(crossing), 4).loss;
  EXPECT_GT(std::abs(difference), 1e-4);
}

}  // namespace
}  // namespace sift
