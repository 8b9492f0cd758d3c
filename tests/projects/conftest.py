from tests.guide_api.conftest import keys  # noqa: F401
from tests.projects.suspending import lease  # noqa: F401
