#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>

#include "plugin_test_support.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// CRC-32C by its definition, one bit after the other.
std::uint32_t crc32c(const std::string& bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0U);
  }
  return ~crc;
}

std::uint32_t masked(std::uint32_t crc) {
  return ((crc >> 15U) | (crc << 17U)) + 0xa282ead8U;
}

template <class Number>
Number number_at(const std::string& bytes, std::size_t position) {
  Number number;
  std::memcpy(&number, bytes.data() + position, sizeof(number));
  return number;
}

/// The records of a file; every checksum is compared.
std::vector<std::string> records(const fs::path& file) {
  const std::string bytes = test::read_file(file);
  std::vector<std::string> found;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto length = static_cast<std::size_t>(number_at<std::uint64_t>(bytes, at));
    EXPECT_EQ(number_at<std::uint32_t>(bytes, at + 8), masked(crc32c(bytes.substr(at, 8))));
    found.push_back(bytes.substr(at + 12, length));
    EXPECT_EQ(number_at<std::uint32_t>(bytes, at + 12 + length), masked(crc32c(found.back())));
    at += 16 + length;
  }
  return found;
}

/// A field of a protocol buffer message as its bytes; for a varint, its value in `number`.
struct Field {
  std::uint64_t id = 0;
  std::uint64_t number = 0;
  std::string bytes;
};

std::uint64_t varint(const std::string& message, std::size_t& at) {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(message.at(at++));
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if (byte < 0x80) return value;
  }
}

std::vector<Field> fields(const std::string& message) {
  std::vector<Field> found;
  for (std::size_t at = 0; at < message.size();) {
    const std::uint64_t key = varint(message, at);
    Field field{key >> 3U, 0, {}};
    const std::uint64_t type = key & 7U;
    if (type == 0) field.number = varint(message, at);
    const std::size_t size = type == 1 ? 8 : type == 5 ? 4 : type == 2 ? varint(message, at) : 0;
    field.bytes = message.substr(at, size);
    at += size;
    found.push_back(field);
  }
  return found;
}

Field field(const std::string& message, std::uint64_t id) {
  for (const Field& each : fields(message)) {
    if (each.id == id) return each;
  }
  ADD_FAILURE() << "no field " << id;
  return {};
}

/// "tag = value" of each scalar of an event.
std::vector<std::string> scalars(const std::string& event) {
  std::vector<std::string> found;
  for (const Field& value : fields(field(event, 5).bytes)) {
    const float number = number_at<float>(field(value.bytes, 2).bytes, 0);
    found.push_back(field(value.bytes, 1).bytes + " = " + std::to_string(number));
  }
  return found;
}

class TensorboardTest : public ::testing::Test {
 protected:
  void SetUp() override { host_.load_file(test::real_plugin("sift_callback_tensorboard")); }

  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(output_ / "runs")) found.push_back(entry.path());
    std::ranges::sort(found);
    return found;
  }

  PluginHost host_;
  test::TempFolder output_;
  test::FakeRun run_{100};
};

TEST_F(TensorboardTest, ChecksumOfTheTestIsTheStandards) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);            // the check value of CRC-32C
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);  // RFC 3720, B.4
}

TEST_F(TensorboardTest, WritesVersionConfigurationAndScalars) {
  const auto callback = test::create_callback(host_, "tensorboard");
  CallbackContext context = run_.context(output_.path());
  context.config = "seed = 42\n" + std::string(200, '#');  // a length of two bytes
  callback->on_train_begin(context);
  callback->on_log(context, {300, {{"loss", 0.5}, {"learning_rate", 0.25}, {"epoch", 1}}});
  callback->on_log(context, {300, {{"eval_loss", 2}, {"epoch", 1}}});
  ASSERT_EQ(files().size(), 1U);
  const auto events = records(files().front());
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(field(events[0], 3).bytes, "brain.Event:2");
  EXPECT_GT(number_at<double>(field(events[0], 1).bytes, 0), 1.6e9);

  const std::string text = field(field(events[1], 5).bytes, 1).bytes;
  EXPECT_EQ(field(text, 1).bytes, "config/text_summary");
  EXPECT_EQ(field(field(field(text, 9).bytes, 1).bytes, 1).bytes, "text");
  EXPECT_EQ(field(field(text, 8).bytes, 1).number, 7U);  // DT_STRING
  EXPECT_THAT(field(field(text, 8).bytes, 8).bytes, HasSubstr(context.config));

  EXPECT_EQ(field(events[2], 2).number, 300U);
  EXPECT_THAT(scalars(events[2]), ElementsAre("train/loss = 0.500000", "train/learning_rate = 0.250000",
                                              "train/epoch = 1.000000"));
  EXPECT_THAT(scalars(events[3]), ElementsAre("eval/loss = 2.000000", "train/epoch = 1.000000"));
}

TEST_F(TensorboardTest, ResumedRunTakesBackWhatItWillDoAgain) {
  CallbackContext context = run_.context(output_.path());
  test::create_callback(host_, "tensorboard")->on_train_begin(context);
  const auto first = files();
  context.resumed_from = output_ / "checkpoint-7";
  run_.state.global_step = 7;
  test::create_callback(host_, "tensorboard")->on_train_begin(context);
  ASSERT_EQ(files().size(), 2U);
  EXPECT_EQ(files().front(), first.front()) << "the newer file must sort after the older one";
  const auto events = records(files().back());
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(field(events[1], 2).number, 8U);
  EXPECT_EQ(field(field(events[1], 7).bytes, 1).number, 1U);  // SessionLog START
}

TEST_F(TensorboardTest, NewRunRemovesItsOwnOldFilesOnly) {
  CallbackContext context = run_.context(output_.path());
  test::create_callback(host_, "tensorboard")->on_train_begin(context);
  output_.write("runs/events.out.tfevents.1.another", "x");
  test::create_callback(host_, "tensorboard")->on_train_begin(context);
  EXPECT_EQ(files().size(), 2U);
  // a folder that was named may hold the runs of others
  const std::string shared = (output_ / "runs").string();
  test::create_callback(host_, "tensorboard", {{"logging_dir", shared}})->on_train_begin(context);
  EXPECT_EQ(files().size(), 3U);
  EXPECT_THROW(test::create_callback(host_, "tensorboard", {{"logging_dir", std::string("/proc/none")}})
                   ->on_train_begin(context),
               Error);
}

}  // namespace
}  // namespace sift
