# The engine with its embedded servers. Build: docker build -t switchhook .
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim
ENV NODE_ENV=production
# Speaks the texts of the configuration (`sounds.speech: auto`).
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
