"""How pages are rendered: Jinja2, everything escaped, a missing value an error.

Owns the template environment and the folder of static files. Templates compute nothing.
"""

from pathlib import Path

from fastapi.templating import Jinja2Templates
from jinja2 import Environment, PackageLoader, StrictUndefined

STATIC = Path(__file__).parent / "static"

templates = Jinja2Templates(
    env=Environment(loader=PackageLoader("crossdock.web"), autoescape=True, undefined=StrictUndefined)
)
