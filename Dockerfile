# Two images: the portal and its locked packages (no compiler, no tests, no sandbox, no root), and the front, Caddy with
# the Caddyfile and the static files of the same release (--target front).
# Tags here; pin them by digest with build arguments (docs/operations.md, "Images").
ARG PYTHON_IMAGE=python:3.12-slim
ARG CADDY_IMAGE=caddy:2.11-alpine

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt /build/requirements.txt
RUN /opt/venv/bin/pip install --only-binary :all: --require-hashes -r /build/requirements.txt
WORKDIR /app
COPY . /app
# Keys that only live for this step: collecting files needs settings, not secrets.
RUN SECRET_KEY=build-only-0123456789abcdefghijklmnopqrstuvwxyz-0123456789 \
    ENCRYPTION_KEYS=YnVpbGQtb25seS1idWlsZC1vbmx5LWJ1aWxkLW9ubHk= \
    PORTAL_ENV_FILE=/dev/null STATIC_ROOT=/app/staticfiles \
    /opt/venv/bin/python manage.py collectstatic --no-input --skip-checks \
    && /opt/venv/bin/python -m compileall -q /app \
    && rm -rf /app/requirements.txt

FROM ${CADDY_IMAGE} AS front
COPY Caddyfile /etc/caddy/Caddyfile
COPY front /srv/front
COPY --from=build /app/staticfiles /srv/static
EXPOSE 80 443
CMD ["caddy", "run", "--adapter", "caddyfile", "--config", "/etc/caddy/Caddyfile"]

FROM ${PYTHON_IMAGE} AS portal
# A new volume at /documents takes over its owner and rights.
RUN groupadd --gid 10001 portal && useradd --uid 10001 --gid portal --no-create-home --home-dir /app portal \
    && install -d -o portal -g portal -m 700 /documents
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORTAL_ENV_FILE=/dev/null \
    STATIC_ROOT=/app/staticfiles
USER 10001:10001
EXPOSE 8000 8001 8002
# One class of callers per container: people on 8000, rest on 8001, carrier on 8002 (portal/serve.py).
CMD ["python", "-m", "portal.serve", "people", "--host", "0.0.0.0"]
