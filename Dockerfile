# The engine with its embedded servers. Build: docker build -t switchhook .
# Run it with --init (docker-compose.yml does): the engine starts other programs, and process 1 has to bury them.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci

FROM packages AS build
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && npm prune --omit=dev

# Everything the tests need: docker compose --profile test run --rm --build test
FROM packages AS test
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends espeak-ng openssl redis-server sip-tester \
  && rm -rf /var/lib/apt/lists/*
COPY . .
CMD ["npm", "test"]

FROM node:24-bookworm-slim AS engine
ENV NODE_ENV=production
# Speaks the texts of the configuration (`sounds.speech: auto`).
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends espeak-ng && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY config config
# What FreeSWITCH shares with us: its sounds are ours, its recordings are renamed by us. A new volume begins as this.
RUN mkdir -p /srv/switchhook/sounds /srv/switchhook/recordings \
  && cp config/sounds/*.wav /srv/switchhook/sounds/ \
  && chown -R node:node /srv/switchhook
USER node
EXPOSE 5060/udp 5060/tcp 8080/tcp
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=64", "dist/main.js"]
CMD ["start", "--config", "config/production.yaml"]
