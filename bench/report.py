"""The table on the terminal, and RESULTS.md."""

import os
import platform

HEADINGS = ["what", "ours", "theirs", "ratio", "of single rounds", "bar", ""]


def number(value):
    """A figure with three significant digits, or whole where it is large."""
    if value != value or value in (float("inf"), float("-inf")):
        return "∞"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def ratio(value):
    """Two digits, and more only where a small ratio would read as nothing."""
    if value >= 0.1 or value == 0:
        return f"{value:,.2f}" if value != float("inf") else "∞"
    return f"{value:.2g}" if value >= 0.0001 else "< 0.0001"


def cells(row):
    if row.problem:
        return [row.what, "", "", "", "", row.bar.text(row.unit) if row.bar else "", f"failed: {row.problem}"]
    spread = " to ".join(map(ratio, row.spread)) if row.spread else ""
    return [row.what, f"{number(row.our_median)} {row.unit}", f"{number(row.their_median)} {row.unit}",
            ratio(row.ratio), spread, row.bar.text(row.unit) if row.bar else "", row.verdict]


def terminal_table(groups):
    """`groups` is a list of (title, rows)."""
    lines = [cells(row) for _, rows in groups for row in rows]
    widths = [max(len(line[column]) for line in [HEADINGS, *lines]) for column in range(len(HEADINGS) - 1)]

    def laid_out(line):
        padded = [text.ljust(width) if column in (0, 5) else text.rjust(width)
                  for column, (text, width) in enumerate(zip(line, widths))]
        return "  ".join([*padded, line[-1]]).rstrip()

    return "\n".join(map(laid_out, [HEADINGS, ["-" * width for width in widths] + [""], *lines]))


def machine():
    """What the figures depend on beside the two programs."""
    model = next((line.split(":", 1)[1].strip() for line in read("/proc/cpuinfo").splitlines()
                  if line.startswith("model name")), platform.machine())
    memory = int(read("/proc/meminfo").split()[1]) / 1024 / 1024
    system = next((line.split("=", 1)[1].strip('"') for line in read("/etc/os-release").splitlines()
                   if line.startswith("PRETTY_NAME=")), platform.system())
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GB; {system}, Linux {platform.release()}"


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def markdown(groups, facts):
    """The whole of RESULTS.md; `facts` is a list of (name, text) about the run."""
    lines = ["# Measured: Redstart beside Redis", "",
             "Written by `make bench`. Figures are medians; the ratio is ours to theirs, and the column after it the",
             "lowest and the highest ratio of a single round. Less is better except for throughput. How each figure is",
             "defined stands in [README.md](README.md).", "", "![The ratios as bars](results.svg)", "",
             *(f"- {name}: {text}" for name, text in facts), ""]
    for title, rows in groups:
        lines += [f"## {title}", "", "| " + " | ".join(HEADINGS) + " |", "|---|---:|---:|---:|---:|---|---|"]
        lines += ["| " + " | ".join(text.replace("|", "\\|") for text in cells(row)) + " |" for row in rows]
        lines += ["", *(f"{row.what}: {row.note}.\n" for row in rows if row.note)]
    return "\n".join(lines).rstrip() + "\n"
