import { RETRY_AFTER_SECONDS } from './answer.ts';
import type { StandIn } from './replaceable-response.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** The page that people see while the database is away. It asks again by itself, without any script. */
export function databaseOutagePage(): StandIn {
  return {
    status: 503,
    headers: {
      ...SECURITY_HEADERS,
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'private, no-store',
      'retry-after': String(RETRY_AFTER_SECONDS),
    },
    body: BODY,
  };
}

const BODY = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta http-equiv="refresh" content="${RETRY_AFTER_SECONDS}">
    <title>The database cannot be reached · Weighhouse</title>
    <style>body { max-width: 560px; margin: 15vh auto; padding: 0 16px; font-family: system-ui, sans-serif; line-height: 1.5 }</style>
  </head>
  <body>
    <h1>The database cannot be reached</h1>
    <p>This page reloads by itself and is shown again as soon as the database is back.</p>
    <p><a href="">Try again</a></p>
  </body>
</html>
`;
