"""What a measurement is: a row with both servers' figures, and the bar it is held to."""

import statistics
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Bar:
    """What must hold: for ours against theirs, for our figure alone, or for both."""

    ratio_at_most: float | None = None
    ratio_at_least: float | None = None
    ours_at_most: float | None = None
    ours_below: float | None = None

    def holds(self, ours, ratio):
        """A ratio is judged by the two digits it is printed with, which is more than the noise leaves."""
        ratio = round(ratio, 2)
        return ((self.ratio_at_most is None or ratio <= self.ratio_at_most)
                and (self.ratio_at_least is None or ratio >= self.ratio_at_least)
                and (self.ours_at_most is None or ours <= self.ours_at_most)
                and (self.ours_below is None or ours < self.ours_below))

    def text(self, unit):
        parts = [(self.ratio_at_most, "≤ {:.2f}"), (self.ratio_at_least, "≥ {:.2f}"),
                 (self.ours_at_most, "≤ {:g} " + unit), (self.ours_below, "< {:g} " + unit)]
        return " and ".join(form.format(limit) for limit, form in parts if limit is not None)

    def ratio_limit(self):
        return self.ratio_at_most if self.ratio_at_most is not None else self.ratio_at_least


@dataclass
class Row:
    """One line of the table. The figures are one per round; `problem` stands in their place when there are none."""

    what: str
    unit: str
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    bar: Bar | None = None
    note: str = ""
    problem: str = ""

    @property
    def our_median(self):
        return statistics.median(self.ours)

    @property
    def their_median(self):
        return statistics.median(self.theirs)

    @property
    def ratio(self):
        """The ratio of the medians, so that a reader can recompute it from the two figures beside it."""
        return quotient(self.our_median, self.their_median)

    @property
    def spread(self):
        """The lowest and the highest ratio of a single round: how far to trust the one of the medians."""
        ratios = [quotient(ours, theirs) for ours, theirs in zip(self.ours, self.theirs)]
        return (min(ratios), max(ratios)) if len(ratios) > 1 else None

    @property
    def verdict(self):
        if self.problem:
            return "failed"
        if self.bar is None:
            return ""
        return "holds" if self.bar.holds(self.our_median, self.ratio) else "misses"


def quotient(ours, theirs):
    if theirs == 0:
        return 1.0 if ours == 0 else float("inf")
    return ours / theirs
