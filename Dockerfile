# syntax=docker/dockerfile:1
FROM swift:6.3-bookworm AS build
WORKDIR /source
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
COPY conformance/Sources conformance/Sources
COPY conformance/lua/Sources conformance/lua/Sources
# `make release` without make, which the image does not have.
RUN swift build -c release --static-swift-stdlib -Xswiftc -static-executable --product redstart \
    && strip .build/release/redstart

# The binary needs nothing. The base is there for what people expect of a Redis image: redis-cli for health checks, a shell.
FROM debian:bookworm-slim
# The user comes first: redis-tools would make one with a number of its own.
RUN groupadd --system --gid 999 redis \
    && useradd --system --uid 999 --gid redis --home-dir /data --no-create-home redis \
    && install -d -o redis -g redis /data \
    && apt-get update \
    && apt-get install -y --no-install-recommends redis-tools \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /source/.build/release/redstart /usr/local/bin/redstart
COPY --chmod=755 .docker-entrypoint /usr/local/bin/docker-entrypoint.sh
RUN ln -s redstart /usr/local/bin/redis-server
USER redis
WORKDIR /data
VOLUME /data
EXPOSE 6379
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["redis-server"]
