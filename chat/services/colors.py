"""A site's own colour, made readable: which shade is used on light and on dark paper."""

_ON_LIGHT, _ON_DARK = (255, 255, 255), (19, 26, 34)
_ENOUGH = 4.5  # WCAG AA for text

Rgb = tuple[int, int, int]


def shades(color: str) -> dict[str, str]:
    """The nearest shade that white text stands on, and the nearest that stands on dark paper."""
    rgb = parse(color)
    return {
        "light": _hex(_towards(rgb, (0, 0, 0), _ON_LIGHT)),
        "dark": _hex(_towards(rgb, (255, 255, 255), _ON_DARK)),
    }


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG's ratio, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _towards(rgb: Rgb, end: Rgb, paper: Rgb) -> Rgb:
    for percent in range(0, 101, 2):
        red, green, blue = (
            round(c + (e - c) * percent / 100) for c, e in zip(rgb, end, strict=True)
        )
        mixed = (red, green, blue)
        if contrast(mixed, paper) >= _ENOUGH:
            return mixed
    return end


def _luminance(rgb: Rgb) -> float:
    linear = [
        c / 12.92 if (c := part / 255) <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for part in rgb
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def parse(color: str) -> Rgb:
    """ "#0f766e" as three numbers."""
    digits = color.lstrip("#")
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def _hex(rgb: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)
