#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace sift {

/// A value in a table option such as `lr_scheduler_kwargs`.
using Scalar = std::variant<bool, std::int64_t, double, std::string>;
using ScalarTable = std::map<std::string, Scalar>;

/// The value of an option, as in the TOML. Option members have one of these types, or std::optional of it. An
/// option that is not set is `monostate`, the equivalent of Python's None.
using OptionValue = std::variant<std::monostate, bool, std::int64_t, double, std::string,
                                 std::vector<std::string>, ScalarTable, std::vector<std::int64_t>>;

/// The values that an option accepts. An option whose default is outside its range is required.
struct Range {
  /// Shown in error messages and in the documentation.
  std::string text;
  /// Gets a value of the option's type; not called if unset.
  std::function<bool(const OptionValue&)> holds;
  /// All choices of a one_of() range, for did-you-mean.
  std::vector<std::string> names = {};
};
Range at_least(double low);
Range above(double low);
/// Both bounds inclusive.
Range between(double low, double high);
Range one_of(std::initializer_list<std::string> names);
/// A non-empty string, list or table; a list must not contain empty strings.
Range not_empty();
/// Steps as in transformers: an integer of at least 1, or a fraction of max_steps in (0, 1).
Range steps_or_ratio();

/// A type-erased option, used for parsing, documentation and --dump-config.
struct OptionSpec {
  std::string key;
  /// "boolean", "integer", "number", "string", "list of strings", "list of integers" or "table".
  std::string type;
  /// One line.
  std::string help;
  Range range;
  OptionValue default_value;
  /// May be left unset.
  bool optional = false;
  /// `value` must have the option's type.
  std::function<void(void* options, const OptionValue&)> set;
  std::function<OptionValue(const void* options)> get;
};

/// Whether the option must be given: its default is outside its range.
bool is_required(const OptionSpec& spec);
/// The type with its article, for error messages: "an integer", "a list of strings".
std::string type_phrase(const OptionSpec& spec);
/// Converts `value` to the type of `spec`: an integer to a number, a value to a list of one. Throws
/// Error ("expected ..., found ...") if the type or the range does not match.
OptionValue checked_value(const OptionSpec& spec, const OptionValue& value);
/// The value as TOML, for documentation and --dump-config; empty for a value that is not set. Numbers have
/// the fewest digits that parse back to the same number.
std::string to_toml(const OptionValue& value);

namespace detail {
template <class T>
struct OptionTraits {
  static constexpr bool kOptional = false;
  using Value = T;
};
template <class T>
struct OptionTraits<std::optional<T>> {
  static constexpr bool kOptional = true;
  using Value = T;
};
template <class T>
std::string option_type() {
  if constexpr (std::is_same_v<T, bool>) return "boolean";
  if constexpr (std::is_same_v<T, std::int64_t>) return "integer";
  if constexpr (std::is_same_v<T, double>) return "number";
  if constexpr (std::is_same_v<T, std::string>) return "string";
  if constexpr (std::is_same_v<T, std::vector<std::string>>) return "list of strings";
  if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) return "list of integers";
  if constexpr (std::is_same_v<T, ScalarTable>) return "table";
}
}  // namespace detail

/// The options of one component. Each is declared once with its key, member, one line of help and range;
/// parsing, error messages, `sift describe`, --dump-config and the options page are all derived from that.
///
///     struct Options { double alpha = 0.5; };
///     static void describe(Schema<Options>& schema) {
///       schema.add("alpha", &Options::alpha, "weight of the second term", between(0, 1));
///     }
///
/// The member initialisers of the struct are the defaults.
template <class Options>
class Schema {
 public:
  template <class Member>
  void add(std::string key, Member Options::*member, std::string help, Range range = {}) {
    using Traits = detail::OptionTraits<Member>;
    using Value = typename Traits::Value;
    OptionSpec spec;
    spec.key = std::move(key);
    spec.type = detail::option_type<Value>();
    spec.help = std::move(help);
    spec.range = std::move(range);
    spec.optional = Traits::kOptional;
    spec.set = [member](void* options, const OptionValue& value) {
      static_cast<Options*>(options)->*member = std::get<Value>(value);
    };
    spec.get = [member](const void* options) -> OptionValue {
      const Member& value = static_cast<const Options*>(options)->*member;
      if constexpr (Traits::kOptional) {
        return value ? OptionValue(*value) : OptionValue();
      } else {
        return OptionValue(value);
      }
    };
    const Options defaults;
    spec.default_value = spec.get(&defaults);
    specs_.push_back(std::move(spec));
  }

  const std::vector<OptionSpec>& specs() const { return specs_; }

 private:
  std::vector<OptionSpec> specs_;
};

/// The options of a component that has none.
struct NoOptions {};

}  // namespace sift
