"""URLs in text: `URL` is `hyperlink`'s, which programs were promised at this place.

An address in bytes, as a request has it, is a `ropewalk.python.urlpath.URLPath`.
"""

from __future__ import annotations

from hyperlink import URL

__all__ = ["URL"]
