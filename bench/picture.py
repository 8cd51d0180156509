"""results.svg: a bar for each ratio. Its colours are of middle brightness on no background, so that it reads on a
light page and on a dark one without knowing which it is on."""

from xml.sax.saxutils import escape

from report import number, ratio

GREY, GREEN, RED, BLUE = "#7a828e", "#2f9e5b", "#d9534f", "#4a86c5"
WIDTH, LABELS, SCALE_END, ROW, GAP = 1000, 440, 770, 20, 16
LARGEST = 1.5  # Ratios above it are drawn up to the edge and say their number.


def position(value):
    return LABELS + min(max(value, 0), LARGEST) / LARGEST * (SCALE_END - LABELS)


def text(x, y, words, colour=GREY, anchor="start", weight="normal", size=12):
    return (f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}" font-weight="{weight}" '
            f'font-size="{size}">{escape(words)}</text>')


def line(x, top, bottom, colour, dashes="none", width=1):
    return (f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}" stroke="{colour}" '
            f'stroke-width="{width}" stroke-dasharray="{dashes}"/>')


def colour_of(row):
    return {"holds": GREEN, "misses": RED}.get(row.verdict, BLUE)


def drawn_row(row, y):
    """One bar with its label before it and its figures after it; a stroke across shows where the bar to reach is."""
    middle = y + ROW / 2 + 4
    parts = [text(LABELS - 10, middle, row.what, anchor="end")]
    if row.problem:
        return [*parts, text(LABELS + 6, middle, "could not be measured", RED)]
    end = position(row.ratio)
    parts.append(f'<rect x="{LABELS}" y="{y + 3}" width="{max(end - LABELS, 2):.1f}" height="{ROW - 6}" rx="2" '
                 f'fill="{colour_of(row)}"/>')
    limit = row.bar.ratio_limit() if row.bar else None
    if limit is not None:
        parts.append(line(position(limit), y, y + ROW, GREY, width=2))
    verdict = f", {row.verdict}" if row.verdict else ""
    parts.append(text(max(end, position(1)) + 8, middle,
                      f"{ratio(row.ratio)}  ({number(row.our_median)} {row.unit}{verdict})", colour_of(row)))
    return parts


def svg(groups, subtitle):
    """The picture as text; `groups` is a list of (title, rows)."""
    parts, y = [], 92
    for title, rows in groups:
        parts.append(text(20, y, title, weight="bold"))
        y += 8
        for row in rows:
            parts += drawn_row(row, y)
            y += ROW
        y += GAP + 8
    scale = [text(position(tick), 68, f"{tick:g}", anchor="middle", size=11) for tick in (0, 0.5, 1)]
    scale += [line(LABELS, 74, y - GAP - 8, GREY), line(position(1), 74, y - GAP - 8, GREY, "3 3")]
    scale.append(text(position(1) + 12, 68, "redis-server", size=11))
    head = [text(20, 26, "Redstart as a ratio to redis-server", weight="bold", size=16), text(20, 46, subtitle),
            text(20, 68, "A short stroke is the bar to reach. Only throughput is better long.", size=11)]
    opening = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" '
               'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">')
    return "\n".join([opening, *head, *scale, *parts, "</svg>"]) + "\n"
