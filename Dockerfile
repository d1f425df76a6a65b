# Crossdock in a container, with what many workers need. Everything is installed by hash, as `make setup` does.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements/build.txt requirements/
RUN pip install --no-cache-dir --require-hashes --requirement requirements/build.txt
COPY pyproject.toml hatch_build.py README.md ./
COPY src src
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels .

FROM python:3.13-slim
COPY requirements/workers.txt /requirements/
RUN pip install --no-cache-dir --require-hashes --requirement /requirements/workers.txt
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --no-deps --no-index /wheels/*.whl
# A volume that is mounted here for the first time takes over the owner and the mode.
RUN useradd --create-home crossdock && install --directory --owner=crossdock --mode=0700 /data
USER crossdock
ENV CROSSDOCK_DATA_DIR=/data
ENTRYPOINT ["crossdock"]
