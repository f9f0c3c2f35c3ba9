/** Headers of every answer. The policy of pages is in `next.config.js`. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
};

/** Of what is no page, such as bytes that people upload: opened by itself it may do nothing at all. */
export const NO_PAGE_POLICY = "default-src 'none'; sandbox";
