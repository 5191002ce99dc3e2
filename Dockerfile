# Builds with any engine. Give it SECRET_KEY, ALLOWED_HOSTS and DATABASE_URL, and a volume at /data for uploads.
ARG BASE=debian:12-slim

FROM ${BASE} AS build
# Mirrors, where the registries are out of reach: docker build --build-arg PIP_INDEX_URL=… --build-arg NPM_CONFIG_REGISTRY=…
ARG PIP_INDEX_URL
ARG NPM_CONFIG_REGISTRY
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv
WORKDIR /app
COPY scripts scripts
COPY requirements.txt requirements-s3.txt requirements-sbom.txt requirements-node.txt package.json package-lock.json .npmrc ./
RUN python3 -m scripts.install image
COPY . .
ENV VAR_DIR=/data STATIC_ROOT=/app/static-collected
RUN SECRET_KEY=unused HTTPS=off ALLOWED_HOSTS=localhost .venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && .venv/bin/python -m compileall -q accounts config fixtures reform workflow \
    && .venv/bin/python -m scripts.sbom sbom.cdx.json \
    && .venv/bin/python -m pip uninstall --quiet --yes cyclonedx-python-lib --requirement requirements-node.txt

FROM ${BASE}
# The fonts: for Chinese in PDF files that do not bring their own. The client: for python -m scripts.backup.
RUN apt-get update && apt-get install -y --no-install-recommends python3 fonts-wqy-microhei postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data tracker \
    && install -d -m 700 -o tracker /data
WORKDIR /app
COPY --from=build /app /app
ENV VAR_DIR=/data STATIC_ROOT=/app/static-collected PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1
USER tracker
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "deploy/healthcheck.py"]
# The database is brought up to date by hand, once for all copies: python manage.py migrate
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", "0.0.0.0:8000", "config.wsgi"]
