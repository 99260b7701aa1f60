"""In which language a bundle is made."""

from __future__ import annotations

from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice

from app.core.i18n import lazy as _
from app.web.fields import Form


class BundleForm(Form):
    """The language of the documents, and how Japanese ones print days."""

    language = SelectField(
        _("Language of the documents"),
        choices=[SelectChoice(key, name, {"lang": key}) for key, name in (("ja", "日本語"), ("en", "English"))],
    )
    japanese_era = BooleanField(_("Print days in the Japanese era (Japanese documents)"), default=True)
