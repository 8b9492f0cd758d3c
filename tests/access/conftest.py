from tests.access.drafts import lease, owner  # noqa: F401
