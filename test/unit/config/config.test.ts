import { describe, expect, it } from 'vitest';
import { parseConfig } from '#lib/config.ts';

describe('the settings', () => {
  it('have defaults for everything', () => {
    expect(parseConfig({})).toMatchObject({
      port: 3000,
      databaseUrl: null,
      admin: null,
      privateCatalog: false,
      maxUploadBytes: 64 * 2 ** 30,
    });
  });

  it('take an empty variable as not set', () => {
    expect(parseConfig({ DATABASE_URL: '', PORT: '' })).toEqual(parseConfig({}));
  });

  it('list everything that does not hold at once, by name', () => {
    const read = () => parseConfig({ PORT: 'http', DATABASE_URL: 'mysql://x', WEIGHHOUSE_SIGN_UP: 'open' });
    expect(read).toThrow(/PORT: .*\n.*DATABASE_URL: must begin with postgresql:\/\/\n.*WEIGHHOUSE_SIGN_UP: /s);
  });

  it('take limits of the scanner, and say which of them does not hold', () => {
    expect(parseConfig({ WEIGHHOUSE_SCAN_LIMITS: 'milliseconds=10s, pickle.opcodes=1M' }).scanLimits).toEqual({
      milliseconds: 10_000,
      pickle: { opcodes: 1_000_000 },
    });
    expect(() => parseConfig({ WEIGHHOUSE_SCAN_LIMITS: 'depth=none' })).toThrow(/WEIGHHOUSE_SCAN_LIMITS: .*depth/);
  });

  it('keep a private catalog to invited people, unless they say otherwise', () => {
    expect(parseConfig({}).signUp).toBe('uploader');
    expect(parseConfig({ WEIGHHOUSE_PRIVATE: 'yes' }).signUp).toBe('invitation');
    expect(parseConfig({ WEIGHHOUSE_PRIVATE: 'yes', WEIGHHOUSE_SIGN_UP: 'viewer' }).signUp).toBe('viewer');
    expect(parseConfig({ WEIGHHOUSE_SIGN_UP: 'invitation' }).signUp).toBe('invitation');
  });

  it('do not take half an administrator', () => {
    expect(() => parseConfig({ WEIGHHOUSE_ADMIN_EMAIL: 'a@b.org' })).toThrow(/Set both/);
    const admin = { email: 'a@b.org', password: 'long enough' };
    expect(
      parseConfig({ WEIGHHOUSE_ADMIN_EMAIL: admin.email, WEIGHHOUSE_ADMIN_PASSWORD: admin.password }).admin,
    ).toEqual(admin);
  });
});
