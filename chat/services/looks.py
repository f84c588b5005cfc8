"""What a site's chat looks like: its logo, and the shades that can be read."""

from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from chat.models import Site
from chat.services import colors
from crm.services import files

_MOST_LOGO = 200 * 1024


def check_logo(file: File) -> File:
    """Refuses what is large, what browsers would not draw, and what they might run."""
    if (file.size or 0) > _MOST_LOGO:
        raise ValidationError(_("This picture is larger than 200 KB."))
    if files.kind_of(file.read()) not in files.PICTURES:
        raise ValidationError(_("A picture is expected: PNG, JPEG, GIF or WebP."))
    file.seek(0)
    return file


def set_logo(site: Site, file: File | None) -> None:
    """Checked before; the one it replaces goes once the row is stored."""
    before = str(site.logo.name or "")
    site.logo = file  # type: ignore[assignment]
    site.save(update_fields=["logo"])
    if before:
        transaction.on_commit(lambda: site.logo.storage.delete(before))


def samples(site: Site) -> list[dict[str, str | float]]:
    """The shade of the site's colour that is used on light and on dark paper, and its contrast."""
    if not site.primary_color:
        return []
    used = colors.shades(site.primary_color)
    return [
        {
            "name": name,
            "shade": used[key],
            "ink": ink,
            "contrast": round(colors.contrast(colors.parse(used[key]), colors.parse(ink)), 1),
            "changed": used[key].lower() != site.primary_color.lower(),
        }
        for key, name, ink in (
            ("light", _("light page"), "#ffffff"),
            ("dark", _("dark page"), "#131a22"),
        )
    ]


def logo_address(site: Site) -> str:
    """Another logo has another address, so that browsers may keep it."""
    if not site.logo:
        return ""
    return f"{reverse('chat:logo', args=[site.key])}?{urlencode({'v': site.logo.name})}"
