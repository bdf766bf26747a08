#include "data/data_options.h"

namespace sift {

void DataOptions::describe(Schema<DataOptions>& schema) {
  schema.add(
      "train", &DataOptions::train,
      "training data: a .jsonl, .json, .csv or .parquet file, a glob pattern like data/*.jsonl, or a list of these",
      not_empty());
  schema.add("eval", &DataOptions::eval, "evaluation data, in the same format; empty: none");
  schema.add("dataset_text_field", &DataOptions::dataset_text_field,
             "column that contains the text, for plain-text data", not_empty());
  schema.add("max_length", &DataOptions::max_length,
             "maximum number of tokens per row; longer rows are truncated; 0: no limit", at_least(0));
  schema.add("completion_only_loss", &DataOptions::completion_only_loss,
             "compute the loss on the completion only; not set: true for data with prompt and completion");
  schema.add("assistant_only_loss", &DataOptions::assistant_only_loss,
             "compute the loss on assistant messages only: on the {% generation %} blocks of the chat "
             "template or, if it has none, on the spans found by rendering the messages one by one (for "
             "Qwen3 and DeepSeek-R1-Distill this includes the thinking of every turn); requires messages");
  schema.add("chat_template_path", &DataOptions::chat_template_path,
             "file with a chat template; empty: the model's own template");
  schema.add("eos_token", &DataOptions::eos_token, "end-of-text token; empty: the tokenizer's own");
  schema.add("shuffle_dataset", &DataOptions::shuffle_dataset,
             "shuffle the rows once; with packing, also shuffle the packed rows");
  schema.add("packing", &DataOptions::packing, "pack several rows into one of at most max_length tokens");
  schema.add("packing_strategy", &DataOptions::packing_strategy,
             "bfd: best-fit decreasing, rows longer than max_length are truncated; bfd_split: the same, but "
             "longer rows are split; wrapped: rows are concatenated and cut every max_length tokens",
             one_of({"bfd", "bfd_split", "wrapped"}));
  schema.add("eval_packing", &DataOptions::eval_packing,
             "pack the evaluation data; not set: same as packing");
  schema.add("cross_documents", &DataOptions::cross_documents,
             "with wrapped, allow attention between the rows in a packed row, as TRL does");
  schema.add("padding_free", &DataOptions::padding_free,
             "accepted for compatibility, has no effect: batches are always flattened and never padded");
  schema.add("token_cache", &DataOptions::token_cache,
             "folder that caches prepared data between runs; \"off\": no cache; \"auto\": the environment "
             "variable SIFT_CACHE (a folder or off), else XDG_CACHE_HOME/sift, else ~/.cache/sift",
             not_empty());
  schema.add("token_cache_max_gb", &DataOptions::token_cache_max_gb,
             "maximum size of the cache folder in 10^9 bytes; the least recently used data is evicted first, "
             "but never data that a running process uses; 0: no limit",
             at_least(0));
}

}  // namespace sift
