"""How pages are rendered: Jinja2, everything escaped, a missing value an error.

Owns the template environment, the macros and the folder of static files. Templates compute nothing.

For whoever writes a page:

* `await render(request, "my.html", context, here="order-sync")` of `pages/layout.py` gives the whole page; a template
  extends `base.html` and fills the blocks `title` and `content`. With `block="table"` a request of htmx gets that block
  alone, everybody else the whole page: a fragment is a block of its page, never a twin.
* Every macro of `templates/components/` is a member of `ui`, in every template and block, without an import:
  `{{ ui.button("Compare Orders", kind="primary") }}`, `{% call ui.card("Last runs", "runs") %}…{% endcall %}`. The page
  `/styleguide` shows each of them.
* Scripts are modules in `static/js`, loaded by `crossdock.js`; there is no inline script or style. A form posts to a
  page's own address: the guard in `safety.py` lets only this application's own pages do that.
"""

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from fastapi.templating import Jinja2Templates
from jinja2 import Environment, PackageLoader, StrictUndefined

STATIC = Path(__file__).parent / "static"
_COMPONENTS = "components/"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("crossdock.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    macros = SimpleNamespace()
    cast("dict[str, Any]", environment.globals)["ui"] = macros
    for name in environment.list_templates(filter_func=lambda name: name.startswith(_COMPONENTS)):
        module = environment.get_template(name).module
        for macro, value in vars(module).items():
            if not macro.startswith("_"):
                setattr(macros, macro, value)
    return environment


templates = Jinja2Templates(env=_environment())


def render_block(name: str, block: str, context: Mapping[str, Any]) -> str:
    """Render one block of a template by itself: for an answer to htmx, or an event of a stream."""
    template = templates.env.get_template(name)
    return "".join(template.blocks[block](template.new_context(dict(context))))
