#include "data/data_options.h"

namespace sift {

void DataOptions::describe(Schema<DataOptions>& schema) {
  schema.add(
      "train", &DataOptions::train,
      "training data: a .jsonl, .json or .parquet file, a pattern like data/*.jsonl, or a list of them",
      not_empty());
  schema.add("eval", &DataOptions::eval, "evaluation data, in the same form; empty: none");
  schema.add("dataset_text_field", &DataOptions::dataset_text_field,
             "column with the text, for data that is plain text", not_empty());
  schema.add("max_length", &DataOptions::max_length, "most tokens of a row, the rest is cut off; 0: no limit",
             at_least(0));
  schema.add("completion_only_loss", &DataOptions::completion_only_loss,
             "score the completion alone; not set: yes for data with prompt and completion");
  schema.add(
      "assistant_only_loss", &DataOptions::assistant_only_loss,
      "score what the assistant says alone: what the template marks with {% generation %} or, where it "
      "does not, what rendering the messages one by one shows (with Qwen3 and DeepSeek-R1-Distill the "
      "thinking of every turn as well); needs messages");
  schema.add("chat_template_path", &DataOptions::chat_template_path,
             "file with a chat template; empty: the one of the model");
  schema.add("eos_token", &DataOptions::eos_token, "end of text token; empty: the one of the tokenizer");
  schema.add("shuffle_dataset", &DataOptions::shuffle_dataset,
             "shuffle the rows once, and when packing the packed rows again");
  schema.add("packing", &DataOptions::packing, "put several rows together into one of at most max_length");
  schema.add("packing_strategy", &DataOptions::packing_strategy,
             "bfd: best fit, rows that are too long lose their end; bfd_split: they are cut into several; "
             "wrapped: rows end to end, cut where max_length is reached",
             one_of({"bfd", "bfd_split", "wrapped"}));
  schema.add("eval_packing", &DataOptions::eval_packing, "pack the evaluation data; not set: as packing");
  schema.add("cross_documents", &DataOptions::cross_documents,
             "with wrapped, let the rows inside a packed row attend to each other, as TRL does");
  schema.add("padding_free", &DataOptions::padding_free,
             "accepted and without effect: batches are always flat and never padded");
  schema.add(
      "token_cache", &DataOptions::token_cache,
      "folder where prepared data is kept for the next start; \"off\": none; \"auto\": SIFT_CACHE of the "
      "environment (a folder or off), else XDG_CACHE_HOME/sift, else ~/.cache/sift",
      not_empty());
  schema.add(
      "token_cache_max_gb", &DataOptions::token_cache_max_gb,
      "what that folder may hold, in 10^9 bytes; beyond it the data that was not used for longest goes, "
      "but none that a running program uses; 0: no limit",
      at_least(0));
}

}  // namespace sift
