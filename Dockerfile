# syntax=docker/dockerfile:1
ARG NODE_IMAGE=node:22-bookworm-slim
# libtensorflow of @tensorflow/tfjs-node-gpu 4.22 is built for CUDA 11 and cuDNN 8.
ARG CUDA_IMAGE=nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04

FROM ${NODE_IMAGE} AS build
WORKDIR /app
# Dependencies first: they change less often than the sources.
COPY pnpm-lock.yaml pnpm-workspace.yaml .npmrc ./
RUN npx --yes pnpm fetch
COPY . .
RUN npx --yes pnpm install --offline --frozen-lockfile
RUN npx --yes pnpm build

FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=node:node /app /app
RUN mkdir /data && chown node:node /data
USER node
EXPOSE 3000
CMD ["node", "apps/cli/reprise.mjs", "api"]

FROM build AS build-gpu
RUN npx --yes pnpm gpu:install

FROM ${CUDA_IMAGE} AS runtime-gpu
ENV NODE_ENV=production
COPY --from=build /usr/local/bin/node /usr/local/bin/node
RUN useradd --create-home --uid 1000 node && mkdir /data && chown node /data
WORKDIR /app
COPY --from=build-gpu --chown=node:node /app /app
USER node
CMD ["node", "apps/cli/reprise.mjs", "worker"]
