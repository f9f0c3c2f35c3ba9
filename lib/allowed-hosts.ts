import { AppError } from './errors.ts';

/** One entry of the list of hosts that files may be downloaded from. */
interface HostRule {
  /** Every host below `host`, but not itself. `*` alone has no host. */
  below: boolean;
  host: string;
  /** Null for the port that the protocol has by default. */
  port: number | null;
  /** Reached by the redirect of a server that is allowed, never by what somebody enters. */
  redirectOnly: boolean;
}

/**
 * Sites under one name, with the hosts that their downloads are redirected to. Storage that anybody can rent is for
 * redirects alone.
 */
const SITES: Readonly<Record<string, { hosts: readonly string[]; redirects: readonly string[] }>> = {
  huggingface: { hosts: ['huggingface.co', '*.huggingface.co', 'hf.co', '*.hf.co'], redirects: [] },
  civitai: {
    hosts: ['civitai.com', '*.civitai.com', 'civitai.red', '*.civitai.red'],
    redirects: ['*.r2.cloudflarestorage.com', '*.backblazeb2.com'],
  },
};

const HOST = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/;

/** Hosts that files may be downloaded from, and those whose addresses may be of a private network. */
export class AllowedHosts {
  readonly #rules: readonly HostRule[];
  readonly #private: readonly HostRule[];

  /** `publicHosts` and `privateHosts` are lists as people write them. Throws AppError that names what is no host. */
  constructor(publicHosts: string, privateHosts = '') {
    this.#private = wordsOf(privateHosts).map((word) => {
      const rule = parseRule(word);
      if (rule.below) throw new AppError('bad_request', `${word}: list hosts on a private network without wildcards.`);
      return rule;
    });
    this.#rules = [...wordsOf(publicHosts).flatMap(parseEntry), ...this.#private];
  }

  /** True where nothing may be downloaded. */
  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** Whether `url` may be asked for: as somebody entered it, or after the redirect of a host that is allowed. */
  allows(url: URL, { redirected = false } = {}): boolean {
    return this.#rules.some((rule) => (redirected || !rule.redirectOnly) && matches(rule, url));
  }

  /** Whether an administrator said that this host is on a private network. */
  allowsPrivate(url: URL): boolean {
    return this.#private.some((rule) => matches(rule, url));
  }
}

function parseEntry(word: string): HostRule[] {
  if (!Object.hasOwn(SITES, word)) return [parseRule(word)];
  const { hosts = [], redirects = [] } = SITES[word] ?? {};
  return [
    ...hosts.map((host) => parseRule(host)),
    ...redirects.map((host) => ({ ...parseRule(host), redirectOnly: true })),
  ];
}

function parseRule(word: string): HostRule {
  const {
    wildcard,
    name = '',
    port,
  } = /^(?<wildcard>\*\.?)?(?<name>\[[^\]]*\]|[^:]*)(?::(?<port>\d{1,5}))?$/.exec(word)?.groups ?? {};
  const host = name.startsWith('[') ? normalAddress(name) : name.toLowerCase().replace(/\.$/, '');
  const isHost = wildcard === '*' ? host === '' : host !== null && (host.startsWith('[') || HOST.test(host));
  const number = port === undefined ? null : Number(port);
  if (!isHost || host === null || (number !== null && (number < 1 || number > 65_535)))
    throw new AppError(
      'bad_request',
      `${word} is not a host. Use for example huggingface, civitai, models.example.org, *.example.org, 10.0.0.5:8080 or * for every public host.`,
    );
  return { below: wildcard !== undefined, host, port: number, redirectOnly: false };
}

/** An IPv6 address in brackets, as URLs spell it. */
function normalAddress(name: string): string | null {
  return URL.parse(`http://${name}/`)?.hostname ?? null;
}

function matches({ below, host, port }: HostRule, url: URL): boolean {
  const wanted = port ?? (url.protocol === 'https:' ? 443 : 80);
  if (portOf(url) !== wanted) return false;
  const name = url.hostname.replace(/\.$/, '');
  return below ? host === '' || name.endsWith(`.${host}`) : name === host;
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

const wordsOf = (text: string) => text.split(/[\s,]+/).filter((word) => word !== '');
