import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AllowedHosts } from '#lib/allowed-hosts.ts';
import {
  type DownloadTarget,
  download,
  type ExpectedFile,
  type RemoteError,
  type RemoteFault,
  type Resolver,
} from '#lib/safe-fetch/index.ts';
import { openRemote } from '#lib/safe-fetch/open.ts';
import { answerRaw, type RawRequest, type RawServer, startRawServer } from '#test/support/raw-server.ts';

const FILE = Buffer.from('0123456789'.repeat(100));
const LENGTH = { 'content-length': FILE.length };
const MAX = 10 * FILE.length;
const LIMITS = { headersMs: 20_000, periodMs: 20_000, leastBytes: 5, totalMs: 60_000, headerBytes: 4096, redirects: 3 };
/** For servers that are too slow: what they send comes to nothing however slow this machine is. */
const IMPATIENT = { ...LIMITS, headersMs: 200, periodMs: 150, totalMs: 600 };
const NEW: ExpectedFile = { size: null, validator: null, hasDigest: false };

/** A download in memory that counts how often it began anew. */
class Memory implements DownloadTarget {
  bytes: Buffer;
  restarts = 0;
  validator: string | null = null;
  constructor(bytes = Buffer.alloc(0)) {
    this.bytes = bytes;
  }
  received = async () => this.bytes.length;
  restart = async () => {
    this.bytes = Buffer.alloc(0);
    this.restarts += 1;
  };
  begin: DownloadTarget['begin'] = async ({ validator }) => {
    this.validator = validator;
  };
  write: DownloadTarget['write'] = async ({ body }, offset) => {
    expect(offset).toBe(this.bytes.length);
    for await (const piece of body) this.bytes = Buffer.concat([this.bytes, piece as Buffer]);
  };
}

type Behaviour = (socket: Socket, request: RawRequest) => void;

/** One way to misbehave, and what comes of it. */
interface Row {
  what: string;
  behave: Behaviour;
  fault: RemoteFault;
  words: RegExp;
  retryAfter?: number;
  path?: string;
}

const redirect = (location: string, status = '302 Found'): Behaviour => {
  return (socket) => answerRaw(socket, status, { location, 'content-length': 0 });
};
const status = (line: string, headers: Record<string, string> = {}): Behaviour => {
  return (socket) => answerRaw(socket, line, { ...headers, 'content-length': 5 }, 'sorry');
};
/** Writes again and again until the other side hangs up. */
const endless = (socket: Socket, piece: string | Buffer, everyMs = 0): void => {
  const timer = setInterval(() => socket.write(piece), everyMs);
  socket.on('close', () => clearInterval(timer));
};

const ROWS: Row[] = [
  { what: 'never answers', behave: () => {}, fault: 'too-slow', words: /did not answer in time/ },
  {
    what: 'sends its headers byte by byte for ever',
    behave: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      endless(socket, 'a', 20);
    },
    fault: 'too-slow',
    words: /did not answer in time/,
  },
  {
    what: 'sends 100 Continue for ever',
    behave: (socket) => endless(socket, 'HTTP/1.1 100 Continue\r\n\r\n', 10),
    fault: 'too-slow',
    words: /did not answer in time/,
  },
  {
    what: 'stops in the middle of the file',
    behave: (socket) => answerRaw(socket, '200 OK', LENGTH, FILE.subarray(0, 300)),
    fault: 'too-slow',
    words: /too slowly or has stopped/,
  },
  {
    what: 'sends a byte now and then',
    behave: (socket) => {
      answerRaw(socket, '200 OK', LENGTH);
      endless(socket, 'a', 100);
    },
    fault: 'too-slow',
    words: /too slowly/,
  },
  {
    what: 'sends slowly enough to take for ever',
    behave: (socket) => {
      answerRaw(socket, '200 OK', { 'content-length': MAX });
      endless(socket, '012', 20);
    },
    fault: 'too-slow',
    words: /took too long|too slowly/,
  },
  {
    what: 'sends less than it declared',
    behave: (socket) => {
      answerRaw(socket, '200 OK', LENGTH, FILE.subarray(0, 300));
      socket.end();
    },
    fault: 'cut-off',
    words: /closed the connection before the end/,
  },
  {
    what: 'sends more than it declared',
    behave: (socket) => {
      const head = `HTTP/1.1 200 OK\r\nContent-Length: ${FILE.length}\r\n\r\n`;
      socket.write(Buffer.concat([Buffer.from(head), FILE, FILE]));
    },
    fault: 'cut-off',
    words: /closed the connection before the end/,
  },
  {
    what: 'resets the connection in the middle',
    behave: (socket) => {
      answerRaw(socket, '200 OK', LENGTH, FILE.subarray(0, 300));
      socket.write('a', () => socket.resetAndDestroy());
    },
    fault: 'cut-off',
    words: /closed the connection/,
  },
  {
    what: 'hangs up without an answer',
    behave: (socket) => socket.end(),
    fault: 'cut-off',
    words: /closed the connection/,
  },
  {
    what: 'declares more than is accepted',
    behave: (socket) => answerRaw(socket, '200 OK', { 'content-length': 2 * MAX }, FILE),
    fault: 'too-large',
    words: /more than the 10000 bytes/,
  },
  {
    what: 'sends without a length and without an end',
    behave: (socket) => {
      answerRaw(socket, '200 OK', { connection: 'close' });
      endless(socket, FILE);
    },
    fault: 'too-large',
    words: /more than the 10000 bytes/,
  },
  {
    what: 'sends chunks without an end',
    behave: (socket) => {
      answerRaw(socket, '200 OK', { 'transfer-encoding': 'chunked' });
      endless(socket, '3e8\r\n'.concat(FILE.toString(), '\r\n'));
    },
    fault: 'too-large',
    words: /more than the 10000 bytes/,
  },
  {
    what: 'sends chunks that are none',
    behave: (socket) => answerRaw(socket, '200 OK', { 'transfer-encoding': 'chunked' }, '5\r\nabcde\r\nZZ\r\n'),
    fault: 'protocol',
    words: /not HTTP/,
  },
  {
    what: 'closes before the last chunk',
    behave: (socket) => {
      answerRaw(socket, '200 OK', { 'transfer-encoding': 'chunked' }, '5\r\nabcde\r\n');
      socket.end();
    },
    fault: 'cut-off',
    words: /closed the connection/,
  },
  {
    what: 'does not speak HTTP',
    behave: (socket) => socket.end('SSH-2.0-x\r\n'),
    fault: 'protocol',
    words: /not HTTP/,
  },
  {
    what: 'gives two lengths',
    behave: (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\nabcdefghi'),
    fault: 'protocol',
    words: /not HTTP/,
  },
  {
    what: 'gives a length and chunks',
    behave: (socket) =>
      answerRaw(socket, '200 OK', { ...LENGTH, 'transfer-encoding': 'chunked' }, '5\r\nabcde\r\n0\r\n\r\n'),
    fault: 'protocol',
    words: /not HTTP/,
  },
  {
    what: 'sends huge headers',
    behave: (socket) => answerRaw(socket, '200 OK', { ...LENGTH, 'x-a': 'a'.repeat(10_000) }, FILE),
    fault: 'headers',
    words: /more headers than are accepted/,
  },
  {
    what: 'sends headers without an end',
    behave: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      endless(socket, `x-a: ${'a'.repeat(1000)}\r\n`);
    },
    fault: 'headers',
    words: /more headers than are accepted/,
  },
  {
    what: 'compresses what would be a bomb',
    behave: (socket) => answerRaw(socket, '200 OK', { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(10 * MAX))),
    fault: 'encoding',
    words: /compressed/,
  },
  {
    what: 'compresses the transfer',
    behave: (socket) => answerRaw(socket, '200 OK', { 'transfer-encoding': 'gzip, chunked' }, '0\r\n\r\n'),
    fault: 'encoding',
    words: /compressed/,
  },
  { what: 'redirects to itself', behave: redirect('/file'), fault: 'redirect', words: /redirects too many times/ },
  { what: 'redirects to nowhere', behave: redirect('https://['), fault: 'redirect', words: /redirects to nowhere/ },
  {
    what: 'redirects without an address',
    behave: (socket) => answerRaw(socket, '302 Found', { 'content-length': 0 }),
    fault: 'redirect',
    words: /redirects to nowhere/,
  },
  { what: 'redirects to a file', behave: redirect('file:///etc/passwd'), fault: 'redirect', words: /not file:/ },
  { what: 'redirects to FTP', behave: redirect('ftp://127.0.0.1/a'), fault: 'redirect', words: /not ftp:/ },
  { what: 'redirects to data', behave: redirect('data:text/plain,abc'), fault: 'redirect', words: /not data:/ },
  {
    what: 'redirects to a host that is not allowed',
    behave: redirect('http://other.example.org/a'),
    fault: 'host-not-allowed',
    words: /continues at a host that is not allowed: other\.example\.org/,
  },
  {
    what: 'redirects to a private address',
    behave: redirect('http://10.0.0.1/a', '307 Temporary Redirect'),
    fault: 'host-not-allowed',
    words: /10\.0\.0\.1/,
  },
  {
    what: 'redirects to the metadata of a cloud under a name that is allowed',
    behave: redirect('http://metadata.test/latest/meta-data/iam/'),
    fault: 'private-address',
    words: /metadata\.test/,
  },
  {
    what: 'redirects to a name on a private network that is allowed as a public one',
    behave: redirect('http://internal.test/'),
    fault: 'private-address',
    words: /internal\.test is on a private network/,
  },
  {
    what: 'redirects with a password',
    behave: redirect('http://user:secret@127.0.0.1/a'),
    fault: 'address',
    words: /user name or password/,
  },
  {
    what: 'sends a web page to sign in at',
    behave: (socket) => answerRaw(socket, '200 OK', { 'content-type': 'text/html; charset=utf-8' }, '<html>'),
    fault: 'not-a-file',
    words: /web page in place of the file/,
  },
  {
    what: 'sends an error with the status of a success',
    behave: (socket) => answerRaw(socket, '200 OK', { 'content-type': 'application/json' }, '{"error":"Unauthorized"}'),
    fault: 'not-a-file',
    words: /a message in place of the file/,
  },
  {
    what: 'sends a part that nobody asked for',
    behave: (socket) =>
      answerRaw(socket, '206 Partial Content', { 'content-range': 'bytes 5-9/10', 'content-length': 5 }, '56789'),
    fault: 'protocol',
    words: /nobody asked for/,
  },
  { what: 'wants a sign-in', behave: status('401 Unauthorized'), fault: 'denied', words: /denied access \(401\)/ },
  { what: 'forbids it', behave: status('403 Forbidden'), fault: 'denied', words: /denied access \(403\)/ },
  { what: 'has no such file', behave: status('404 Not Found'), fault: 'missing', words: /does not have this file/ },
  { what: 'has the file no more', behave: status('410 Gone'), fault: 'missing', words: /does not have this file/ },
  {
    what: 'refuses for the law',
    behave: status('451 Unavailable'),
    fault: 'refused',
    words: /refused the request \(451\)/,
  },
  {
    what: 'asks for patience',
    behave: status('429 Too Many Requests', { 'retry-after': '17' }),
    fault: 'busy',
    words: /fewer requests/,
    retryAfter: 17,
  },
  {
    what: 'asks for patience until the end of the world',
    behave: status('503 Service Unavailable', { 'retry-after': '99999999' }),
    fault: 'busy',
    words: /has a problem \(503\)/,
    retryAfter: 6 * 3600,
  },
  { what: 'has a fault', behave: status('500 Internal Server Error'), fault: 'busy', words: /has a problem \(500\)/ },
  {
    what: 'answers 304 to nobody',
    behave: (socket) => answerRaw(socket, '304 Not Modified', {}),
    fault: 'refused',
    words: /304/,
  },
  {
    what: 'upgrades the connection',
    behave: (socket) => answerRaw(socket, '101 Switching Protocols', { upgrade: 'x', connection: 'upgrade' }),
    fault: 'cut-off',
    words: /closed the connection/,
  },
];

let server: RawServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Names of the test's own; every other one is as the system has it. */
const names: Resolver = async (name) => {
  const address = { 'metadata.test': '169.254.169.254', 'internal.test': '10.0.0.1', 'model.test': '127.0.0.1' }[name];
  if (address === undefined) throw new Error('No such name.');
  return [{ address, family: 4 }];
};

function optionsFor({ port }: RawServer, resolver = names) {
  const hosts = new AllowedHosts('metadata.test internal.test', `127.0.0.1:${port} model.test:${port}`);
  return { hosts, limits: LIMITS, maxBytes: MAX, resolver };
}

async function start(behave: Behaviour): Promise<RawServer> {
  server = await startRawServer(behave);
  return server;
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable('It went well.'),
    (error: unknown) => error as RemoteError,
  );

describe('a server that', () => {
  it.each(ROWS)('$what', async ({ behave, fault, words, retryAfter = null }) => {
    const one = await start(behave);
    const target = new Memory();
    const limits = fault === 'too-slow' ? IMPATIENT : LIMITS;
    const error = await failure(download(`${one.url}/file`, target, NEW, { ...optionsFor(one), limits }));
    expect(error).toMatchObject({ name: 'RemoteError', fault, retryAfter });
    expect(error.message).toMatch(words);
    expect(error.message).not.toMatch(/secret|undefined|\[object/);
    // What came is the beginning of what was sent, and never more than is accepted.
    expect(target.bytes.length).toBeLessThanOrEqual(MAX);
    await expect.poll(one.open, { interval: 5 }).toBe(0);
  });

  it('sets cookies and redirects: none comes back', async () => {
    const one = await start((socket, { path }) =>
      path === '/file'
        ? answerRaw(socket, '302 Found', { location: '/other', 'set-cookie': 'a=b', 'content-length': 0 })
        : answerRaw(socket, '200 OK', LENGTH, FILE),
    );
    await download(`${one.url}/file`, new Memory(), NEW, optionsFor(one));
    expect(one.requests.map(({ path, headers }) => [path, headers.cookie])).toEqual([
      ['/file', undefined],
      ['/other', undefined],
    ]);
  });

  it('says another size than its page', async () => {
    const one = await start((socket) => answerRaw(socket, '200 OK', LENGTH, FILE));
    const target = new Memory();
    const error = await failure(download(`${one.url}/file`, target, { ...NEW, size: 5 }, optionsFor(one)));
    expect(error).toMatchObject({ fault: 'digest', isTemporary: false });
    expect(target.bytes).toHaveLength(0);
  });

  it('is an older one that ends the file by closing', async () => {
    const one = await start((socket) => socket.end(Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\n\r\n'), FILE])));
    const target = new Memory();
    await download(`${one.url}/file`, target, NEW, optionsFor(one));
    expect(target.bytes.equals(FILE)).toBe(true);
  });
});

describe('a name', () => {
  it('that changes its address after the check reaches the address that was checked', async () => {
    const one = await start((socket) => answerRaw(socket, '200 OK', LENGTH, FILE));
    let asked = 0;
    const resolver: Resolver = async () => {
      asked += 1;
      return [{ address: asked === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }];
    };
    await download(`http://model.test:${one.port}/file`, new Memory(), NEW, optionsFor(one, resolver));
    expect(asked).toBe(1);
    expect(one.requests[0]?.headers.host).toBe(`model.test:${one.port}`);
  });

  it('that changes its address between two redirects is checked anew', async () => {
    const one = await start(redirect('/again'));
    let asked = 0;
    const resolver: Resolver = async () => {
      asked += 1;
      return [{ address: asked === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }];
    };
    const error = await failure(
      download(`http://model.test:${one.port}/file`, new Memory(), NEW, optionsFor(one, resolver)),
    );
    expect(error.fault).toBe('private-address');
    expect(one.requests).toHaveLength(1);
  });

  it('that nobody knows, or that nobody answers for', async () => {
    const one = await start(() => {});
    const hosts = new AllowedHosts('nobody.test slow.test');
    const base = { ...optionsFor(one), hosts, limits: IMPATIENT };
    expect((await failure(download('http://nobody.test/', new Memory(), NEW, base))).fault).toBe('unknown-host');
    const resolver: Resolver = () => new Promise(() => {});
    const error = await failure(download('http://slow.test/', new Memory(), NEW, { ...base, resolver }));
    expect(error.fault).toBe('too-slow');
  });
});

describe('a token', () => {
  it('is sent to its origin and to no other, whatever redirects there are', async () => {
    const other = await startRawServer((socket) => answerRaw(socket, '200 OK', LENGTH, FILE));
    try {
      const one = await start((socket, { path }) =>
        path === '/file'
          ? redirect('/next')(socket, { path, headers: {}, earlier: 0 })
          : redirect(`${other.url}/file`)(socket, { path, headers: {}, earlier: 0 }),
      );
      const hosts = new AllowedHosts('', `127.0.0.1:${one.port} 127.0.0.1:${other.port}`);
      const credential = { origin: one.url, token: 'secret' };
      await download(`${one.url}/file`, new Memory(), NEW, { ...optionsFor(one), hosts, credential });
      expect(one.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', 'Bearer secret']);
      expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    } finally {
      await other.close();
    }
  });
});

describe('a download that goes on', () => {
  const half = FILE.subarray(0, 500);
  const whole = { size: FILE.length, validator: '"one"', hasDigest: false };
  const rest = { 'content-range': `bytes 500-999/1000`, 'content-length': 500, etag: '"one"' };

  /** Answers ranges as `part` does, and requests for the whole file well. */
  const goOn = async (part: Behaviour, expected: ExpectedFile = whole) => {
    const one = await start((socket, request) =>
      request.headers.range === undefined
        ? answerRaw(socket, '200 OK', { ...LENGTH, etag: '"two"' }, FILE)
        : part(socket, request),
    );
    const target = new Memory(Buffer.from(half));
    await download(`${one.url}/file`, target, expected, optionsFor(one));
    expect(target.bytes.equals(FILE)).toBe(true);
    return { target, one };
  };

  it('asks for the rest alone', async () => {
    const { target, one } = await goOn((socket) => answerRaw(socket, '206 Partial Content', rest, FILE.subarray(500)));
    expect(target.restarts).toBe(0);
    expect(one.requests.map(({ headers }) => [headers.range, headers['if-range']])).toEqual([['bytes=500-', '"one"']]);
  });

  it.each<[string, Behaviour]>([
    ['ignores ranges', (socket) => answerRaw(socket, '200 OK', LENGTH, FILE)],
    ['has another file by now', (socket) => answerRaw(socket, '200 OK', { ...LENGTH, etag: '"two"' }, FILE)],
    [
      'sends the end of another file',
      (socket) => answerRaw(socket, '206 Partial Content', { ...rest, etag: '"two"' }, FILE.subarray(500)),
    ],
    [
      'sends another range',
      (socket) =>
        answerRaw(
          socket,
          '206 Partial Content',
          { ...rest, 'content-range': 'bytes 0-499/1000' },
          FILE.subarray(0, 500),
        ),
    ],
    [
      'sends less than the rest',
      (socket) =>
        answerRaw(
          socket,
          '206 Partial Content',
          { ...rest, 'content-range': 'bytes 500-599/1000', 'content-length': 100 },
          'x',
        ),
    ],
    [
      'has another size by now',
      (socket) => answerRaw(socket, '206 Partial Content', { ...rest, 'content-range': 'bytes 500-1999/2000' }, 'x'),
    ],
    [
      'sends several ranges',
      (socket) =>
        answerRaw(socket, '206 Partial Content', { 'content-type': 'multipart/byteranges; boundary=a' }, '--a'),
    ],
    ['knows no such range', (socket) => answerRaw(socket, '416 Range Not Satisfiable', { 'content-length': 0 })],
  ])('begins anew where the server %s', async (_what, part) => {
    const { target } = await goOn(part);
    expect(target.restarts).toBe(1);
  });

  it('begins anew where nothing tells the file from another', async () => {
    const { target, one } = await goOn(() => {}, { size: FILE.length, validator: null, hasDigest: false });
    expect(target.restarts).toBe(1);
    expect(one.requests[0]?.headers.range).toBeUndefined();
  });

  it('goes on at a mirror with an ETag of its own where a digest says in the end what it is', async () => {
    const expected = { ...whole, hasDigest: true };
    const { target, one } = await goOn(
      (socket) => answerRaw(socket, '206 Partial Content', { ...rest, etag: '"three"' }, FILE.subarray(500)),
      expected,
    );
    expect(target.restarts).toBe(0);
    expect(one.requests[0]?.headers['if-range']).toBeUndefined();
  });

  it('asks for nothing where all is there', async () => {
    const one = await start(() => expect.unreachable());
    await download(`${one.url}/file`, new Memory(Buffer.from(FILE)), whole, optionsFor(one));
    expect(one.requests).toHaveLength(0);
  });

  it('keeps the validator that can tell files apart', async () => {
    const validators: (string | null)[] = [];
    for (const headers of [{ etag: '"a"' }, { etag: 'W/"a"' }, { etag: 'W/"a"', 'last-modified': 'Mon' }, {}]) {
      const one = await start((socket) => answerRaw(socket, '200 OK', { ...LENGTH, ...headers }, FILE));
      const target = new Memory();
      await download(`${one.url}/file`, target, NEW, optionsFor(one));
      validators.push(target.validator);
      await one.close();
    }
    server = undefined;
    expect(validators).toEqual(['"a"', null, 'Mon', null]);
  });
});

describe('an encrypted server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weighhouse-tls-'));
  const before = getCACertificates('default');
  let key: Buffer;
  let cert: Buffer;

  beforeAll(() => {
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=model.test', '-addext', 'subjectAltName=DNS:model.test'];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'].concat(
        ['-keyout', keyFile, '-out', certFile],
        subject,
      ),
      { stdio: 'ignore' },
    );
    key = readFileSync(keyFile);
    cert = readFileSync(certFile);
  });
  afterEach(() => setDefaultCACertificates(before));
  afterAll(() => rmSync(folder, { recursive: true }));

  const startTls = async (behave: Behaviour) => {
    server = await startRawServer(behave, { key, cert });
    return server;
  };
  const send: Behaviour = (socket) => answerRaw(socket, '200 OK', LENGTH, FILE);

  it('with a certificate that nobody vouches for is refused', async () => {
    const one = await startTls(send);
    const error = await failure(download(`https://model.test:${one.port}/`, new Memory(), NEW, optionsFor(one)));
    expect(error).toMatchObject({ fault: 'certificate', isTemporary: false });
    expect(one.requests).toHaveLength(0);
  });

  it('with a certificate for another name is refused', async () => {
    setDefaultCACertificates([...before, cert.toString()]);
    const one = await startTls(send);
    const error = await failure(download(`${one.url}/`, new Memory(), NEW, optionsFor(one)));
    expect(error.fault).toBe('certificate');
    expect(one.requests).toHaveLength(0);
  });

  it('is reached by its name at the address that was checked, and may not redirect to an unencrypted one', async () => {
    setDefaultCACertificates([...before, cert.toString()]);
    const one = await startTls((socket, request) =>
      request.path === '/plain' ? redirect(`http://model.test:${one.port}/`)(socket, request) : send(socket, request),
    );
    const answer = await openRemote(`https://model.test:${one.port}/file`, optionsFor(one));
    expect((await buffer(answer.body)).equals(FILE)).toBe(true);
    const error = await failure(download(`https://model.test:${one.port}/plain`, new Memory(), NEW, optionsFor(one)));
    expect(error).toMatchObject({ fault: 'redirect' });
    expect(error.message).toMatch(/unencrypted/);
  });
});
