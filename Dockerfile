# syntax=docker/dockerfile:1
# The one image of web, workers, beat and Flower. The Python is the one that the tests run on.

FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# Without pip: what runs installs nothing.
RUN python -m venv --without-pip /opt/venv
COPY requirements.txt /tmp/requirements.txt
RUN pip --python /opt/venv/bin/python install \
    --require-hashes --no-deps --only-binary=:all: --requirement /tmp/requirements.txt
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /srv/daily-challenge
COPY manage.py ./
COPY config ./config
COPY apps ./apps
COPY templates ./templates
COPY starter ./starter
RUN python -m compileall -q config apps
# Collecting needs settings that start, not settings that work; nothing of these stays in the image.
RUN SITE_URL=https://build.invalid EMAIL_URL=smtp://build.invalid EMAIL_FROM=build@build.invalid \
    REPLY_TO=build@build.invalid POSTAL_ADDRESS=none \
    DATABASE_URL=postgresql://build.invalid/none REDIS_URL=redis://build.invalid \
    SECRET_KEY=only-for-collecting-static-files-abcdefghijklmnopqrstuvwxyz \
    JWT_SIGNING_KEY=only-for-collecting-static-files \
    python manage.py collectstatic --no-input --verbosity 0

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin challenge
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/daily-challenge /srv/daily-challenge
# The file system may be read-only; /tmp is all that is written to.
# Zone data come from the locked package alone, not from the system.
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
WORKDIR /srv/daily-challenge
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-P", "config/probe.py", "web"]
CMD ["gunicorn", "--config", "python:config.gunicorn", "config.wsgi"]
