# sspid in containers. Targets: sspid (built unless another is named), application (libsspi and the examples, nothing of Kerberos) and
# kdc (a realm to try both with; not for production).
#
#   docker build -t sspid .
#
# The first stage compiles. `--build-arg BINARIES=prebuilt` takes what lies in build/release instead, for who has just built
# and tested that on Debian 12. BuildKit passes over the stage that is not asked for.
ARG BINARIES=build

FROM debian:bookworm AS build
WORKDIR /src
COPY scripts/packages.txt scripts/
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $(sed -n 's/^build  *//p' scripts/packages.txt) \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
COPY . .
RUN cmake --preset package \
 && cmake --build build/package -j "$(nproc)" \
 && mkdir /out && cp -P build/package/bin/* build/package/lib/libsspi.so* /out && strip --strip-unneeded /out/*

FROM scratch AS prebuilt
COPY build/release/bin/sspid build/release/bin/sspid-worker build/release/bin/sspictl build/release/bin/sspi-* build/release/lib/libsspi.so* /out/

FROM ${BINARIES} AS binaries

# What a program needs to use libsspi: libsspi.
FROM debian:bookworm-slim AS application
COPY --from=binaries /out/libsspi.so* /usr/local/lib/
COPY --from=binaries /out/sspi-client /out/sspi-async-client /out/sspi-server /usr/local/bin/
RUN ldconfig
USER 10001:10001

# MIT's KDC, as an ordinary user. It makes its realm when it starts for the first time, and puts keytabs into /keys.
FROM debian:bookworm-slim AS kdc
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends krb5-kdc krb5-admin-server \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin \
 && install -d -o 10003 -g root -m 0750 /keys /realm
COPY examples/compose/kdc.conf /usr/local/etc/
COPY --chmod=0755 examples/compose/kdc /usr/local/sbin/kdc
ENV KRB5_KDC_PROFILE=/usr/local/etc/kdc.conf
USER 10003:0
EXPOSE 8888
HEALTHCHECK --interval=5s CMD ["grep", "-q", ":22B8 ", "/proc/net/udp"]
ENTRYPOINT ["/usr/local/sbin/kdc"]

FROM debian:bookworm-slim AS sspid
COPY scripts/packages.txt /tmp/
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $(sed -n 's/^run  *//p' /tmp/packages.txt) \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /tmp/packages.txt \
 && useradd --system --uid 10000 --user-group --no-create-home --home-dir / --shell /usr/sbin/nologin sspid \
 && install -d -o sspid -g sspid /run/sspid \
 && install -d /etc/sspid /var/lib/sspid
COPY --from=binaries /out/sspid /usr/local/sbin/
COPY --from=binaries /out/sspid-worker /usr/local/libexec/sspid/
COPY --from=binaries /out/sspictl /usr/local/bin/
# One identity needs no root: sspid serves its own uid. With "services" or "users" in the configuration it is started as root, with
# the few capabilities that docs/container.md names.
USER sspid
HEALTHCHECK --interval=10s CMD ["sspictl", "ping"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/sbin/sspid"]
