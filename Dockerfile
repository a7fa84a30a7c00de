# One image for every process: docker-compose.yml says which one a container is.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /parley
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN node services/local/build-main.ts /parley/dist

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /parley
COPY --from=build /parley/dist ./dist
COPY migrations ./migrations
COPY rules ./rules
COPY services/gateway/pages/assets ./services/gateway/pages/assets
COPY LICENSE package.json ./
# Each service runs as a user of its own (docker-compose.yml), so that it can read only its own secrets.
USER 10001
ENTRYPOINT ["node"]
CMD ["dist/setup.mjs"]
