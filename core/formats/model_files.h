#pragma once

#include <cstddef>
#include <string>

namespace sift {

// The files of a model folder, as transformers names them.

inline constexpr const char* kModelConfigFile = "config.json";
inline constexpr const char* kGenerationConfigFile = "generation_config.json";
inline constexpr const char* kWeightsFile = "model.safetensors";
inline constexpr const char* kWeightsIndexFile = "model.safetensors.index.json";
inline constexpr const char* kAdapterConfigFile = "adapter_config.json";
inline constexpr const char* kAdapterWeightsFile = "adapter_model.safetensors";
inline constexpr const char* kPickledWeightsFile = "pytorch_model.bin";
inline constexpr const char* kPickledWeightsIndexFile = "pytorch_model.bin.index.json";
inline constexpr const char* kTokenizerFile = "tokenizer.json";
inline constexpr const char* kTokenizerConfigFile = "tokenizer_config.json";
inline constexpr const char* kSpecialTokensMapFile = "special_tokens_map.json";
inline constexpr const char* kAddedTokensFile = "added_tokens.json";
inline constexpr const char* kChatTemplateFile = "chat_template.jinja";
/// Folder of NAME.jinja: templates beside the default one.
inline constexpr const char* kNamedTemplatesFolder = "additional_chat_templates";

/// Everything about the tokenizer, in all known forms: saved with a model, as are the named templates.
inline constexpr const char* kTokenizerFiles[] = {
    kTokenizerFile, kTokenizerConfigFile, kSpecialTokensMapFile, "vocab.json",
    "merges.txt",   "tokenizer.model",    kAddedTokensFile,      kChatTemplateFile};

/// The name of shard `index` (from 0) of `count`: model-00001-of-00002.safetensors.
std::string shard_name(std::size_t index, std::size_t count);

/// Whether the file holds weights: the single file, its index or a shard.
bool is_weights_file(const std::string& name);

}  // namespace sift
