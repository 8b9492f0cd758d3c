"""The Django project.

``numbers`` is our app and also a standard-library module that ``decimal`` imports. Our folder therefore has no
``__init__.py`` (it would shadow the library); instead the library module gets a ``__path__``, so that
``numbers.orders`` is found in our folder while ``numbers.Number`` stays what it was. See docs/adr/0001.
"""

from pathlib import Path

import numbers

numbers.__path__ = [str(Path(__file__).resolve().parent.parent / "numbers")]
