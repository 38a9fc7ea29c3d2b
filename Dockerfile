# An image to put in the place of prom/pushgateway: same entry point, user, folder and port.
#
#   docker build -t pushgateway .
#
# It holds one program and no libc, shell or certificates. BASE may be any image of Debian 12.
ARG BASE=debian:12
FROM ${BASE} AS build
COPY dev /src/dev
RUN apt-get update && apt-get install -y --no-install-recommends $(/src/dev packages)
COPY . /src
WORKDIR /src
ARG REVISION=unknown
ARG BRANCH=unknown
ARG DATE=unknown
RUN cmake --preset release -DPGW_TESTS=OFF -DPGW_HARDEN=ON -DPGW_BUILD_REVISION=${REVISION} \
        -DPGW_BUILD_BRANCH=${BRANCH} -DPGW_BUILD_DATE=${DATE} \
    && cmake --build --preset release --target pushgateway_static
# The whole of the image. Its user may write to /pushgateway, where metrics are kept.
RUN server/deploy/image/lay-out build/pushgateway-static /image

FROM scratch
LABEL org.opencontainers.image.title="pushgateway" \
      org.opencontainers.image.description="Holds the metrics of batch jobs for Prometheus to scrape" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image /
EXPOSE 9091
WORKDIR /pushgateway
USER 65534:65534
ENTRYPOINT ["/bin/pushgateway"]
