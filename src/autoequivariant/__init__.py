"""Which symmetries does a task have, and which network has exactly those.

The packages, lowest first: `groups` (actions and orbits), `data`, `nn` (equivariant layers),
`search`, `report`. Import what you need from them; nothing is imported here, so that
`import autoequivariant` is quick. `ARCHITECTURE.md` has the map.
"""

from importlib.metadata import version

__version__ = version("autoequivariant")
__all__ = ["__version__"]
