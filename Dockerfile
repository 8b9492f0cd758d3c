# The production image: the portal and its locked packages. No compiler, no tests, no sandbox, no root.
ARG PYTHON=3.12

FROM python:${PYTHON}-slim AS build
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

FROM python:${PYTHON}-slim
# A new volume at /documents takes over its owner and rights.
RUN groupadd --gid 10001 portal && useradd --uid 10001 --gid portal --no-create-home --home-dir /app portal \
    && install -d -o portal -g portal -m 700 /documents
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORTAL_ENV_FILE=/dev/null \
    STATIC_ROOT=/app/staticfiles WEB_WORKERS=2
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# One blocking thread per worker process was measured fastest (docs/operations.md). Workers: one per core.
CMD ["sh", "-c", "exec granian --interface wsgi portal.wsgi:application --host 0.0.0.0 --port 8000 --workers ${WEB_WORKERS} --blocking-threads 1 --no-ws --log-level warning"]
