"""The six situations that the paper describes in its boxes, by the names of their files in ``examples``."""

from __future__ import annotations

EXAMPLES = (
    "bhutan-nepal-2007",
    "brazil-ecuador-2010",
    "canada-us-2004",
    "francisco-y-catalina-2006",
    "indochina-1989",
    "kosovo-1999",
)
