#include "event_message.h"

#include <bit>

namespace {

enum WireType : std::uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

/// One message, field by field (protobuf.dev/programming-guides/encoding).
class Message {
 public:
  Message& integer(std::uint32_t field, std::int64_t value) {
    key(field, kVarint);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  Message& number(std::uint32_t field, double value) {
    key(field, kFixed64);
    little_endian(std::bit_cast<std::uint64_t>(value), sizeof(value));
    return *this;
  }
  Message& small_number(std::uint32_t field, float value) {
    key(field, kFixed32);
    little_endian(std::bit_cast<std::uint32_t>(value), sizeof(value));
    return *this;
  }
  Message& bytes(std::uint32_t field, const std::string& value) {
    key(field, kBytes);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  Message& message(std::uint32_t field, const Message& value) { return bytes(field, value.bytes_); }
  const std::string& text() const { return bytes_; }

 private:
  void key(std::uint32_t field, WireType type) { varint(field << 3U | type); }
  void varint(std::uint64_t value) {
    constexpr std::uint64_t kMore = 0x80;
    for (; value >= kMore; value >>= 7U) bytes_ += static_cast<char>(value | kMore);
    bytes_ += static_cast<char>(value);
  }
  void little_endian(std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) bytes_ += static_cast<char>(value >> 8U * i);
  }

  std::string bytes_;
};

// field numbers
namespace event {
constexpr std::uint32_t kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7;
}
namespace session_log {
constexpr std::uint32_t kStatus = 1;
constexpr std::int64_t kStart = 1;
}  // namespace session_log
namespace summary {
constexpr std::uint32_t kValue = 1, kTag = 1, kSimpleValue = 2, kTensor = 8, kMetadata = 9;
constexpr std::uint32_t kPluginData = 1, kPluginName = 1;
}  // namespace summary
namespace tensor {
constexpr std::uint32_t kDtype = 1, kShape = 2, kStringVal = 8, kDim = 2, kSize = 1;
constexpr std::int64_t kString = 7;
}  // namespace tensor

Message event_at(double wall_time, std::int64_t step) {
  return Message().number(event::kWallTime, wall_time).integer(event::kStep, step);
}

}  // namespace

std::string version_event(double wall_time) {
  return Message().number(event::kWallTime, wall_time).bytes(event::kFileVersion, "brain.Event:2").text();
}

std::string session_start_event(double wall_time, std::int64_t step) {
  const Message log = Message().integer(session_log::kStatus, session_log::kStart);
  return event_at(wall_time, step).message(event::kSessionLog, log).text();
}

std::string scalars_event(double wall_time, std::int64_t step, const Scalars& scalars) {
  Message values;
  for (const auto& [tag, value] : scalars) {
    values.message(
        summary::kValue,
        Message().bytes(summary::kTag, tag).small_number(summary::kSimpleValue, static_cast<float>(value)));
  }
  return event_at(wall_time, step).message(event::kSummary, values).text();
}

std::string text_event(double wall_time, std::int64_t step, const std::string& tag, const std::string& text) {
  const Message shape = Message().message(tensor::kDim, Message().integer(tensor::kSize, 1));
  const Message strings = Message()
                              .integer(tensor::kDtype, tensor::kString)
                              .message(tensor::kShape, shape)
                              .bytes(tensor::kStringVal, text);
  const Message metadata =
      Message().message(summary::kPluginData, Message().bytes(summary::kPluginName, "text"));
  const Message value = Message()
                            .bytes(summary::kTag, tag)
                            .message(summary::kTensor, strings)
                            .message(summary::kMetadata, metadata);
  return event_at(wall_time, step).message(event::kSummary, Message().message(summary::kValue, value)).text();
}
