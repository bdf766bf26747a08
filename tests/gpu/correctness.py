"""Compares results on the device with those on a CPU and with TRL."""

import concurrent.futures
import json
import os
import subprocess
import threading

from harness import FIXTURES, ROOT, Failure, OutOfTime, require, support

LOSS_TOLERANCE = 2e-5
# relative tolerance of each value against TRL; values not listed are counts and must be equal
TOLERANCES = {"loss": LOSS_TOLERANCE, "eval_loss": LOSS_TOLERANCE, "train_loss": LOSS_TOLERANCE, "entropy": LOSS_TOLERANCE,
              "eval_entropy": LOSS_TOLERANCE, "aux_loss": LOSS_TOLERANCE, "grad_norm": 2e-4, "learning_rate": 1e-12,
              "mean_token_accuracy": 1e-6, "eval_mean_token_accuracy": 1e-6}
COUNTED = ("num_tokens", "eval_num_tokens", "epoch")

CHECKPOINTING = '[[memory]]\nplugin = "gradient_checkpointing"\n'
HOST = '[[memory]]\nplugin = "activation_offload"\ntarget = "host"\nmin_bytes = 256\n'
DISK = '[[memory]]\nplugin = "activation_offload"\ntarget = "disk"\nmin_bytes = 256\n'
STRATEGIES = {
    "gradient_checkpointing": CHECKPOINTING,
    "gradient_checkpointing, selective": CHECKPOINTING + "selective = true\n",
    "activation_offload to the host": HOST,
    "both": CHECKPOINTING + HOST,
    "activation_offload to a disk": DISK,
}


def device(context, found):
    """Describes the device and measures its peak rates."""
    rates = json.loads(context.run([context.program("device_rates"), context.device], "device_rates"))
    found.update(rates)
    context.measured.update(rates)
    found["lines"] = [f"{key}: {value:.4g}" for key, value in rates.items() if isinstance(value, float)]


def small_run(context, name, **settings):
    """A run of tests/faults on the device, in float32 for comparison."""
    run = support.Run(context.program("sift"), context.folder / name, **settings)
    run.environment = context.environment()
    run.config.write_text(run.config.read_text().replace('device = "cpu"', f'device = "{context.device}"\nbf16 = false'))
    return run


def finish(context, process, what):
    try:
        _, err = process.communicate(timeout=max(0.1, context.left()))
    except subprocess.TimeoutExpired:
        process.kill()
        raise OutOfTime(what) from None
    context.note(err)
    require(process.returncode == 0, f"{what}: exit status {process.returncode}: {err.strip()[-400:]}")


def one_step(context, found):
    """End to end: a step of the tiny Llama, in float32 and in bfloat16."""
    for bf16 in ("false", "true"):
        run = small_run(context, f"step-{bf16}", max_steps=1)
        finish(context, run.start("--set", f"train.bf16={bf16}"), f"one step, bf16 = {bf16}")
        state = json.loads((run.out / "trainer_state.json").read_text())
        loss = next(entry["train_loss"] for entry in state["log_history"] if "train_loss" in entry)
        found[f"loss, bf16 = {bf16}"] = loss
        require(6 < loss < 8, f"the first loss is {loss}")
    found["lines"] = [f"{key}: {value:.6f}" for key, value in list(found.items())]


def operators(context, found):
    """op_check: each operator and loss against float64 on the CPU."""
    seed = [context.seed] if context.seed else []
    process = context.start([context.program("op_check"), context.device, *seed])
    try:
        output, _ = process.communicate(timeout=max(0.1, context.left()))
    except subprocess.TimeoutExpired:
        process.kill()
        output = process.communicate()[0]
        found["out of time"] = True
    context.note(output)
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{") and line.endswith("}")]
    checks = [line for line in lines if "case" in line]
    require(checks, f"op_check made no comparison: {output.strip()[-400:]}")
    wrong = [check for check in checks if not check["ok"]]
    largest = {}
    for check in checks:
        if check.get("difference") is not None:
            largest[check["mode"]] = max(largest.get(check["mode"], 0.0), check["difference"])
    found.update(seed=lines[0].get("seed"), comparisons=len(checks), wrong=wrong, largest=largest)
    found["lines"] = [f"{len(checks)} comparisons, {len(wrong)} wrong; largest differences " +
                      ", ".join(f"{mode} {value:.2g}" for mode, value in largest.items())]
    found["lines"] += [f"{c['case']}, {c['mode']}: {c.get('error') or c.get('difference')}" for c in wrong[:20]]
    require(not wrong, f"{len(wrong)} of {len(checks)} comparisons are wrong")
    if found.get("out of time"):
        raise OutOfTime(f"op_check, after {len(checks)} comparisons")
    require(process.returncode == 0, f"op_check: exit status {process.returncode}")


def reference_run(context, name):
    """Trains as TRL did and returns the largest relative difference of each value."""
    folder, rows = context.folder / "parity" / name, ROOT / "reference" / name
    folder.mkdir(parents=True)
    reference = json.loads((FIXTURES / "runs" / f"{name}.json").read_text())
    paths = {"model.path": FIXTURES / "models" / reference["model"], "data.train": rows / "train.jsonl",
             "data.eval": rows / "eval.jsonl", "train.output_dir": folder / "out", "train.device": context.device}
    if reference.get("lora"):
        paths["lora.adapter_path"] = FIXTURES / "adapters" / name / "adapter"
    settings = [word for key, value in paths.items() for word in ("--set", f"{key}={value}")]
    context.sift("train", rows / "run.toml", *settings, what=name)
    log = json.loads((folder / "out/trainer_state.json").read_text())["log_history"]
    return differences(name, log, reference["log"])


def differences(name, log, expected):
    require(len(log) == len(expected), f"{name}: {len(log)} entries in the log, TRL has {len(expected)}")
    largest = {}
    for ours, theirs in zip(log, expected):
        for key in COUNTED:
            require(ours.get(key) == theirs.get(key),
                    f"{name}, step {theirs['step']}: {key} is {ours.get(key)}, TRL has {theirs.get(key)}")
        for key in TOLERANCES.keys() & theirs.keys():
            require(key in ours, f"{name}, step {theirs['step']}: has no {key}")
            apart = abs(ours[key] - theirs[key]) / max(abs(theirs[key]), 1e-12) if ours[key] != theirs[key] else 0.0
            largest[key] = max(largest.get(key, 0.0), apart)
            if not apart <= TOLERANCES[key]:
                raise Failure(f"{name}, step {theirs['step']}: {key} is {ours[key]:.9g}, TRL has {theirs[key]:.9g}")
    return largest


def parity(context, found):
    """All reference runs of tests/parity; several in parallel, since a small model does not fill a device."""
    # a base in 4 bits and RMSprop have wider tolerances, which tests/parity gives them; a run here is one process
    names = sorted(file.stem for file in (FIXTURES / "runs").glob("*.json")
                   if not file.stem.startswith(("qlora", "optim-rmsprop"))
                   and json.loads(file.read_text()).get("world_size", 1) == 1)
    names = names[::7] if context.short else names
    found["runs"], wrong = {}, []
    at_a_time = max(1, min(6, (os.cpu_count() or 2) // 2))
    with concurrent.futures.ThreadPoolExecutor(at_a_time) as pool:
        runs = {name: pool.submit(reference_run, context, name) for name in names}
    for name, run in runs.items():
        try:
            found["runs"][name] = run.result()
        except Failure as failure:
            wrong.append(str(failure))
        except OutOfTime:
            found["out of time"] = found.get("out of time", 0) + 1
    largest = max((values.get("loss", 0.0) for values in found["runs"].values()), default=None)
    found["lines"] = [f"{len(found['runs'])} of {len(names)} runs are TRL's; largest difference of a loss "
                      f"{largest if largest is None else f'{largest:.2g}'}", *wrong]
    require(not wrong, f"{len(wrong)} of {len(names)} runs differ from TRL's")
    if found.get("out of time"):
        raise OutOfTime(f"{found['out of time']} runs had not ended")


def memory_strategies(context, found):
    """Each strategy gives bitwise the results of a run without one."""
    plain = small_run(context, "plain", max_steps=8)
    finish(context, plain.start(), "without a strategy")
    expected, wrong = plain.result(), []
    again = small_run(context, "again", max_steps=8)
    finish(context, again.start(), "the same once more")
    support.require_same(again, expected, "the same run once more")
    for name, section in STRATEGIES.items():
        if context.on_cpu and "host" in section:
            continue  # it does not support a CPU
        run = small_run(context, name.replace(" ", "-"), max_steps=8)
        run.config.write_text(run.config.read_text() + section)
        finish(context, run.start(), name)
        try:
            support.require_same(run, expected, name)
        except Failure as failure:
            wrong.append(str(failure))
    found["lines"] = wrong or ["the bits of a run without one"]
    require(not wrong, "; ".join(wrong))


def killed_and_resumed(context, found):
    """A run killed after its first checkpoint ends like an undisturbed one."""
    whole = small_run(context, "whole")
    finish(context, whole.start(), "a whole run")
    broken = small_run(context, "broken")
    process = broken.start()
    watch = threading.Timer(max(0.1, context.left()), process.kill)
    watch.start()
    for line in process.stderr:
        if " info saved " in line and "checkpoint-6" in line:
            break
    watch.cancel()
    process.kill()
    process.wait()
    if context.left() < 0:
        raise OutOfTime("the run that is to be killed")
    require(broken.checkpoints() and not (broken.out / "trainer_state.json").exists(), "the run ended before it was killed")
    finish(context, broken.start("--resume"), "the resumed run")
    support.require_same(broken, whole.result(), "the resumed run")
    found["lines"] = ["killed at a checkpoint, resumed: the bits of a whole run"]
