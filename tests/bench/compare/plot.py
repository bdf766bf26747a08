"""A standalone SVG with bars of tokens/s and of peak memory."""

BAR, GAP, LEFT, WIDTH = 18, 30, 110, 320
COLOURS = {"sift": "#1f6feb", "gemm": "#8b949e", "baseline": "#54aeff", "trl": "#d1242f", "trl best": "#ff8182"}


def bars(x, y, title, values, unit):
    """One group: a title and a bar for each label; returns its lines and the y below it."""
    lines = [f'<text x="{x}" y="{y}" font-weight="bold">{title}</text>']
    y += 8
    largest = max(values.values())
    for label, value in values.items():
        width = WIDTH * value / largest
        lines.append(f'<text x="{x}" y="{y + 13}">{label}</text>')
        lines.append(f'<rect x="{x + LEFT - 30}" y="{y}" width="{width:.1f}" height="{BAR - 3}" '
                     f'fill="{COLOURS.get(label, "#57606a")}"/>')
        lines.append(f'<text x="{x + LEFT - 24 + width:.1f}" y="{y + 13}">{value:.3g} {unit}</text>')
        y += BAR
    return lines, y + GAP


def svg(results):
    lines, y = [], 24
    for result in results:
        summary = result["summary"]
        speeds = {label: row["tokens_per_second"] for label, row in summary.items()}
        peaks = {label: row["peak"] / 1e9 for label, row in summary.items() if label != "gemm"}
        left, below = bars(16, y, f"{result['workload']}: tokens/s", speeds, "")
        right, below_right = bars(560, y, "peak resident memory", peaks, "GB")
        lines += left + right
        y = max(below, below_right)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="1100" height="{y}" font-family="sans-serif" '
            f'font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(lines) + "\n</svg>\n")
