# The first stage builds the web app, and installs the program and its locked dependencies in a virtual environment.
# The second stage copies that environment.
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/howmuch
COPY requirements/runtime.txt requirements/build.txt requirements/
RUN /opt/howmuch/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.txt
RUN python -m venv /opt/build && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt
COPY package.json package-lock.json .npmrc ./
COPY requirements/web.txt requirements/
COPY tools/build_web.py tools/
COPY clients/typescript clients/typescript
COPY web web
RUN python tools/build_web.py
COPY pyproject.toml README.md LICENSE ./
COPY howmuch howmuch
COPY gen gen
RUN /opt/build/bin/python -m hatchling build -t wheel -d dist && /opt/howmuch/bin/pip install --no-cache-dir --no-deps dist/*.whl

FROM python:3.11-slim
COPY --from=build /opt/howmuch /opt/howmuch
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/howmuch howmuch
ENV PATH=/opt/howmuch/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    HOWMUCH_DATA_DIR=/var/lib/howmuch \
    HOWMUCH_GRPC__LISTEN=0.0.0.0:50051 \
    HOWMUCH_HTTP__LISTEN=0.0.0.0:8080 \
    HOWMUCH_LOG__FORMAT=json
USER 10001
WORKDIR /var/lib/howmuch
VOLUME /var/lib/howmuch
EXPOSE 50051 8080
# For `run` and `gateway`; Kubernetes uses its own probes for each part.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/readyz', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["howmuch"]
CMD ["run"]
