# The version of Node that the tests run with.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN node scripts/build.mjs && find dist -name '*.map' -delete

FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Half of the files are source maps, and TypeScript that Node does not run in node_modules.
RUN npm ci --omit=dev --omit=optional --ignore-scripts \
  && find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' \) -delete

FROM node:24.21.0-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 MANAGEMENT_PORT=9464 DATA_DIR=/data LOG_FORMAT=json
RUN mkdir -m 700 /data && chown 1000:1000 /data
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
# The user `node`. As a number, so that Kubernetes sees that it is not root.
USER 1000:1000
VOLUME /data
# 9464 has /metrics and /docs, without credentials: publish it to operators only.
EXPOSE 3000 9464
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.MANAGEMENT_PORT || process.env.PORT}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Room for what lives shortly: by itself it grows to 128 MB, which is most of what thousands of idle clients take.
CMD ["node", "--max-semi-space-size=8", "dist/apps/api/src/main.js"]
