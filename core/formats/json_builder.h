#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sift/error.h>
#include "formats/json_text.h"

namespace sift {

/// Builds the value of a JSON text from the events of the library's parser. As in Python, the last of two
/// equal keys counts. A class may override number_float(), which also gets integers of more than 64 bits.
template <class Json>
class JsonBuilder : public nlohmann::json_sax<Json> {
 public:
  explicit JsonBuilder(std::string_view text) : text_(text) {}

  /// Throws Error, without a place, for a text that is not JSON.
  Json build() {
    check_json_text(text_);
    const auto python = nonfinite_as_null(text_);
    if (python) {
      text_ = python->text;
      python_ = &*python;
    }
    Json::sax_parse(text_.begin(), text_.end(), this);
    return std::move(root_);
  }

  bool null() override {
    const auto number = python_ != nullptr ? python_->nulls.at(next_null_++) : std::nullopt;
    return number ? add(*number) : add(nullptr);
  }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(std::int64_t value) override { return add(value); }
  bool number_unsigned(std::uint64_t value) override { return add(value); }
  bool number_float(double value, const std::string& /*digits*/) override { return add(value); }
  bool string(std::string& value) override { return add(std::move(value)); }
  bool binary(typename Json::binary_t& value) override { return add(std::move(value)); }
  bool start_object(std::size_t /*size*/) override { return open(Json::object()); }
  bool start_array(std::size_t /*size*/) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(std::string& name) override {
    member_ = &(*open_.back())[name];
    return true;
  }
  bool parse_error(std::size_t /*num_read*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    throw Error(json_fault(text_, error));
  }

 protected:
  bool add(Json value) {
    place(std::move(value));
    return true;
  }

 private:
  Json& place(Json value) {
    if (open_.empty()) return root_ = std::move(value);
    if (open_.back()->is_object()) return *member_ = std::move(value);
    return open_.back()->emplace_back(std::move(value));
  }
  bool open(Json value) {
    open_.push_back(&place(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  const NonfiniteAsNull* python_ = nullptr;  // what replaces `text_`, if it has such numbers
  std::size_t next_null_ = 0;
  Json root_;
  std::vector<Json*>
      open_;  // the lists and objects around the place; the last one may grow, the others do not
  Json* member_ = nullptr;  // the value of the last key
};

}  // namespace sift
