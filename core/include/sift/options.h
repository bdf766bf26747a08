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

/// A value inside a table option such as `lr_scheduler_kwargs`.
using Scalar = std::variant<bool, std::int64_t, double, std::string>;
using ScalarTable = std::map<std::string, Scalar>;

/// A value as it stands in the TOML. The types of option members are these, and std::optional of them:
/// an option that is not set (`monostate`) is what Python writes as None.
using OptionValue = std::variant<std::monostate, bool, std::int64_t, double, std::string,
                                 std::vector<std::string>, ScalarTable>;

/// What an option allows beyond its type. An option whose own default is outside its range must be given.
struct Range {
  std::string text;                               ///< shown in errors and in the documentation
  std::function<bool(const OptionValue&)> holds;  ///< the value has the option's type; not called when unset
  std::vector<std::string> names = {};            ///< the whole choice where it is one, for did-you-mean
};
Range at_least(double low);
Range above(double low);
Range between(double low, double high);  ///< both ends included
Range one_of(std::initializer_list<std::string> names);
Range not_empty();  ///< a text, list or table with something in it; no empty text in a list
/// A number of steps as transformers has it: a whole number of at least 1, or a part of the run in (0, 1).
Range steps_or_ratio();

/// One option with its type erased: what parsing, documentation and --dump-config need.
struct OptionSpec {
  std::string key;
  std::string type;  ///< "boolean", "integer", "number", "string", "list of strings" or "table"
  std::string help;  ///< one line
  Range range;
  OptionValue default_value;
  bool optional = false;                                       ///< may be left unset
  std::function<void(void* options, const OptionValue&)> set;  ///< the value has the option's type already
  std::function<OptionValue(const void* options)> get;
};

/// Whether a configuration has to name it: it has no default that its own range allows.
bool is_required(const OptionSpec& spec);
/// The type with its article, for errors: "an integer", "a list of strings".
std::string type_phrase(const OptionSpec& spec);
/// `value` turned into what `spec` takes (an integer is a number, a string is a list of one). Throws Error
/// with "expected ..., found ..." when type or range do not fit.
OptionValue checked_value(const OptionSpec& spec, const OptionValue& value);
/// The value as TOML text, for documentation and --dump-config; empty for a value that is not set. Numbers
/// are as short as they can be and still read back as the same number.
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
  if constexpr (std::is_same_v<T, ScalarTable>) return "table";
}
}  // namespace detail

/// The options of one component, each declared once: key, member, one line of help and its range. That
/// alone gives parsing, range and unknown-key errors, `sift describe`, --dump-config and the options page.
///
///     struct Options { double alpha = 0.5; };
///     static void describe(Schema<Options>& schema) {
///       schema.add("alpha", &Options::alpha, "weight of the second term", between(0, 1));
///     }
///
/// Defaults are the member initialisers of the struct.
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

/// A component without options.
struct NoOptions {};

}  // namespace sift
