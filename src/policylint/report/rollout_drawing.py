"""A rollout's course as a drawing: the slots wanted at each step, against the line of those that there are."""

from collections.abc import Iterator
from html import escape

from policylint.capacity.assessment import Step, WorkloadRollout

_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 92, 26, 40
_STEP, _BAR, _PLOT = 96, 58, 170
_CELLS = 26  # slots up to which each is drawn as a cell of its own
_WINDOW = 12  # slots shown around what moves, where there are many


def drawing(rollout: WorkloadRollout, name: str) -> Iterator[str]:
    """An SVG element, as text; `name` is an id that is the page's only one. Colours come from classes of the page."""
    yield from _Drawing(rollout, name).lines()


class _Drawing:
    def __init__(self, rollout: WorkloadRollout, name: str) -> None:
        self._steps = rollout.steps
        self._capacity = rollout.capacity
        self._name = name
        wanted = [step.wanted for step in rollout.steps]
        self._rest = max(0, wanted[0] - rollout.least)
        self._low, self._high = _window(self._rest, min(wanted), max(wanted), rollout.capacity)
        self._width = _LEFT + _STEP * len(wanted) + _RIGHT
        self._height = _TOP + _PLOT + _BOTTOM

    def lines(self) -> Iterator[str]:
        yield f'<svg viewBox="0 0 {self._width} {self._height}" style="max-width: {self._width}px" role="img"'
        yield f' aria-label="{escape(self._words())}">\n'
        yield f'<defs><pattern id="{self._name}" width="6" height="6" patternUnits="userSpaceOnUse"'
        yield ' patternTransform="rotate(45)"><rect width="6" height="6" class="over"/>'
        yield '<line x1="0" y1="0" x2="0" y2="6" stroke-width="3" class="stripe"/></pattern></defs>\n'
        yield from self._axis()
        for number, step in enumerate(self._steps):
            yield from self._bar(number, step)
        yield from self._limit()
        for number, step in enumerate(self._steps):
            yield from self._labels(number, step)
        yield "</svg>\n"

    def _words(self) -> str:
        wanted = ", ".join(str(step.wanted) for step in self._steps)
        stuck = next((f"; stuck at step {number}" for number, step in enumerate(self._steps, 1) if step.stuck), "")
        return f"slots wanted step by step: {wanted}; there are {self._capacity}{stuck}"

    def _y(self, slots: int) -> float:
        share = (min(max(slots, self._low), self._high) - self._low) / (self._high - self._low)
        return round(_TOP + _PLOT * (1 - share), 1)

    def _axis(self) -> Iterator[str]:
        foot, right = _TOP + _PLOT, self._width - _RIGHT
        yield f'<line x1="{_LEFT}" y1="{foot}" x2="{right}" y2="{foot}" class="axis"/>\n'
        yield f'<text x="{_LEFT - 6}" y="{foot + 4}" text-anchor="end" class="soft">{self._low}</text>\n'
        if self._low:
            # the axis does not begin at nothing
            yield f'<text x="{_LEFT - 6}" y="{foot - 10}" text-anchor="end" class="soft">\u22ee</text>\n'

    def _bar(self, number: int, step: Step) -> Iterator[str]:
        left = _LEFT + _STEP * number + (_STEP - _BAR) // 2
        fits = min(step.wanted, self._capacity)
        rest = min(self._rest, fits)
        yield self._block(left, self._low, rest, 'class="rest"')
        yield self._block(left, rest, fits, 'class="own"')
        yield self._block(left, self._capacity, step.wanted, f'fill="url(#{self._name})"')
        if self._high - self._low <= _CELLS:
            for slots in range(self._low + 1, step.wanted):
                y = self._y(slots)
                yield f'<line x1="{left}" y1="{y}" x2="{left + _BAR}" y2="{y}" class="cut"/>\n'

    def _labels(self, number: int, step: Step) -> Iterator[str]:
        left = _LEFT + _STEP * number + (_STEP - _BAR) // 2
        middle, top = left + _BAR // 2, self._y(step.wanted)
        over = ' class="alarm"' if step.wanted > self._capacity else ""
        if step.stuck:
            height = round(_TOP + _PLOT - top + 4, 1)
            yield f'<rect x="{left - 4}" y="{top - 4}" width="{_BAR + 8}" height="{height}" rx="3" class="stuck"/>\n'
        yield f'<text x="{middle}" y="{top - 8}" text-anchor="middle"{over}>{step.wanted}</text>\n'
        foot = _TOP + _PLOT
        label = f"{number + 1} stuck" if step.stuck else str(number + 1)
        alarm = ' class="alarm"' if step.stuck else ""
        yield f'<text x="{middle}" y="{foot + 17}" text-anchor="middle"{alarm}>{label}</text>\n'
        yield f'<text x="{middle}" y="{foot + 33}" text-anchor="middle" class="soft">serving {step.serving}</text>\n'

    def _block(self, left: int, low: int, high: int, look: str) -> str:
        top, foot = self._y(high), self._y(low)
        if high <= low or top >= foot:
            return ""
        return f'<rect x="{left}" y="{top}" width="{_BAR}" height="{round(foot - top, 1)}" {look}/>\n'

    def _limit(self) -> Iterator[str]:
        y, right = self._y(self._capacity), self._width - _RIGHT
        beyond = " \u2191" if self._capacity > self._high else ""
        noun = "slot" if self._capacity == 1 else "slots"
        yield f'<line x1="{_LEFT}" y1="{y}" x2="{right}" y2="{y}" class="limit"/>\n'
        yield f'<text x="{right + 6}" y="{y + 4}">{self._capacity} {noun}{beyond}</text>\n'


def _window(rest: int, least: int, most: int, capacity: int) -> tuple[int, int]:
    """The slots at the foot and at the top: all when they are few, else those around what moves."""
    high = capacity if capacity <= most + _WINDOW else most + _WINDOW // 2
    high = max(high, most, 1)
    if high <= _CELLS:
        return 0, high
    span = max(_WINDOW, (high - min(rest, least)) // 4)
    return max(0, min(rest, least, capacity) - span), high
